"""Census margins of the demonstration: calibration totals and enumeration areas.

Everything comes from the tables in `data/` (see its README): official statistics of the 2019 census, for
tests and planning only. `python -m survey.demo.frame` writes the totals into the questionnaire's folder.
"""

from pathlib import Path

import click
import numpy as np
import pandas as pd
from numpy.typing import NDArray

DATA = Path(__file__).parent / "data"
QUESTIONNAIRE = Path(__file__).parents[2] / "questionnaires" / "ict-ho-gia-dinh"
CENSUS_DAY = "2019-04-01"
ADULT_AGE = 15
AGE_GROUPS = {"15-29": (15, 29), "30-44": (30, 44), "45-59": (45, 59), "60+": (60, 200)}
HOUSEHOLDS_PER_AREA = 100
FRAME_SEED = 2019

CENSUS = "2019 Population and Housing Census, by former district, urban/rural and five-year age group"
SOURCES = {
    "sex:area_type": f"TEST DATA. {CENSUS}; sex at 15+ by iterative proportional fitting of the census's "
    "sex x urban/rural (all ages) and age x urban/rural in each district, starting from the sex-by-age shape "
    "of the GSO/UNFPA 2014-base projection for 2019",
    "age_group:area_type": f"TEST DATA. {CENSUS}",
    "district": f"TEST DATA. {CENSUS}",
    "area_type": "TEST DATA. 2019 Population and Housing Census, households by commune, urban/rural",
}
SOURCES_OF_HOUSEHOLDS = SOURCES | {
    "district": "TEST DATA. 2019 Population and Housing Census, households by commune"
}


class MarginsNotMet(ValueError):
    """Iterative proportional fitting did not reach both margins."""


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(
        DATA / name, dtype={"district_code": str, "province_code": str, "new_commune_codes": str}
    )


def fit(
    seed: NDArray[np.float64], rows: NDArray[np.float64], columns: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Scale `seed` to row and column totals (Deming and Stephan 1940) within 1e-6 persons."""
    table = seed.astype(float)
    for _ in range(200):
        table *= (rows / table.sum(axis=1))[:, None]
        table *= columns / table.sum(axis=0)
        if np.abs(table.sum(axis=1) - rows).max() < 1e-6:
            return table
    raise MarginsNotMet(
        f"row totals {rows.tolist()} not met after 200 rounds: check that both margins have one sum"
    )


def round_to_sum(values: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Round down, then give the missing units to the largest remainders, so that the sum is `total`."""
    whole = np.floor(values).astype(np.int64)
    largest = np.argsort(whole - values, kind="stable")[: total - int(whole.sum())]
    whole[largest] += 1
    return whole


def age_profile() -> pd.DataFrame:
    """Census population by district (index), area_type and five-year age group; all ages."""
    census = read("census2019_district_urban_age.csv").rename(
        columns={"district_code": "district", "area": "area_type"}
    )
    census["lower"] = census["age_group"].str.extract(r"^(\d+)", expand=False).astype(int)
    return census[["district", "area_type", "lower", "population"]]


def sex_by_age_shape() -> pd.DataFrame:
    """Projected males and females in 2019 by five-year age group; 80+ is repeated for 80-84 and 85+."""
    projection = read("projection2014base_province_sex_age_2019.csv")
    projection["lower"] = projection["age_group"].str.extract(r"^(\d+)", expand=False).astype(int)
    shape = projection.pivot_table(
        index="lower", columns="sex", values="population_projected_medium", aggfunc="sum"
    ).astype(float)
    shape.loc[85] = shape.loc[80]
    return shape[["male", "female"]]


def males_of_cell(ages: pd.DataFrame, sex_totals: NDArray[np.float64], shape: pd.DataFrame) -> pd.Series:
    """Expected males by age of one district and area type; `ages` is its age profile."""
    seed = shape.loc[ages["lower"]].to_numpy().T
    males = fit(seed, sex_totals, ages["population"].to_numpy(float))[0]
    return pd.Series(males, index=ages.index)


def adults() -> pd.DataFrame:
    """Persons aged 15+ by district, area_type and lower age of the five-year group, with males and females.

    Age counts are the census's. Males are rounded so that by area type they add up to the rounded fit.
    """
    profile, shape = age_profile(), sex_by_age_shape()
    sexes = read("census2019_district_sex_urban.csv").set_index("district_code")
    cells = []
    for (district, area_type), ages in profile.groupby(["district", "area_type"]):
        if ages["population"].sum() == 0:
            continue
        totals = sexes.loc[
            str(district), [f"total_{area_type}_{sex}" for sex in ("male", "female")]
        ].to_numpy(float)
        cells.append(ages.assign(expected=males_of_cell(ages, totals, shape)))
    table = pd.concat(cells, ignore_index=True)
    table = table[table["lower"] >= ADULT_AGE].reset_index(drop=True)
    for _, area in table.groupby("area_type"):
        expected = area["expected"].to_numpy()
        table.loc[area.index, "male"] = round_to_sum(expected, round(expected.sum()))
    table["male"] = table["male"].astype(int)
    table["female"] = table["population"] - table["male"]
    return table.drop(columns="expected")


def broad_age_group(lower: pd.Series) -> pd.Series:
    bounds = [first for first, _ in AGE_GROUPS.values()]
    return pd.Series(
        np.array(list(AGE_GROUPS))[np.searchsorted(bounds, lower, side="right") - 1], lower.index
    )


def margin(name: str, totals: pd.Series, population: str, source: str) -> pd.DataFrame:
    levels = [":".join(key) if isinstance(key, tuple) else key for key in totals.index]
    return pd.DataFrame(
        {
            "margin": name,
            "level": levels,
            "total": totals.to_numpy(),
            "population": population,
            "reference_date": CENSUS_DAY,
            "source": source,
        }
    )


def controls() -> pd.DataFrame:
    """Calibration totals of persons 15+: margin, level, total, population, reference_date, source."""
    table = adults()
    table["age_group"] = broad_age_group(table["lower"])
    by_sex = table.melt(
        id_vars="area_type", value_vars=["male", "female"], var_name="sex", value_name="persons"
    )
    totals = {
        "sex:area_type": by_sex.groupby(["sex", "area_type"])["persons"].sum(),
        "age_group:area_type": table.groupby(["age_group", "area_type"])["population"].sum(),
        "district": table.groupby("district")["population"].sum(),
    }
    parts = [margin(name, total, "persons aged 15+", SOURCES[name]) for name, total in totals.items()]
    return pd.concat(parts, ignore_index=True)


def communes() -> pd.DataFrame:
    """Census communes: district, area_type, population, households, by size hh_size_1 … hh_size_7plus."""
    census = read("census2019_commune_population_households.csv")
    link = read("census2019_commune_to_2025_commune.csv")
    joined = census.merge(
        link,
        left_on=["district_code", "commune_2019"],
        right_on=["district_code", "commune_name_census2019"],
        validate="one_to_one",
    ).rename(columns={"district_code": "district"})
    # Every commune of the 2019 census was wholly urban (phường, thị trấn) or wholly rural (xã).
    joined["area_type"] = np.where(joined["households_urban"] > 0, "urban", "rural")
    return joined


def household_controls() -> pd.DataFrame:
    """Calibration totals of households: same columns as `controls`."""
    table = communes()
    totals = {name: table.groupby(name)["households"].sum() for name in ("area_type", "district")}
    parts = [
        margin(name, total, "private households", SOURCES_OF_HOUSEHOLDS[name])
        for name, total in totals.items()
    ]
    return pd.concat(parts, ignore_index=True)


def enumeration_areas() -> pd.DataFrame:
    """The sampling frame of PSUs: about 100 households each, cut from the census communes.

    Columns psu, former_province, district, commune (code since 1 July 2025), area_type, stratum
    (district-area_type), households. Sizes vary by about a third; the cut is synthetic, the sum by census
    commune is the census's.
    """
    rng = np.random.default_rng(FRAME_SEED)
    table = communes()
    table["number"] = table.groupby("district").cumcount() + 1
    return pd.concat([areas_of_commune(commune, rng) for _, commune in table.iterrows()], ignore_index=True)


def areas_of_commune(commune: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    count = max(1, round(commune["households"] / HOUSEHOLDS_PER_AREA))
    share = rng.uniform(0.7, 1.3, count)
    households = round_to_sum(share / share.sum() * commune["households"], int(commune["households"]))
    codes = np.array(commune["new_commune_codes"].split("|"))
    return pd.DataFrame(
        {
            "psu": [
                f"{commune['district']}{commune['number']:02d}{area:03d}" for area in range(1, count + 1)
            ],
            "former_province": commune["province_code"],
            "district": commune["district"],
            "commune": codes[np.arange(count) * len(codes) // count],
            "area_type": commune["area_type"],
            "stratum": f"{commune['district']}-{commune['area_type']}",
            "households": households,
        }
    )


def commune_auxiliary() -> pd.DataFrame:
    """What is known of each commune (since 1 July 2025) for small-area models, from the census by old commune.

    Columns area, population (persons), urban_share (of households, 0 to 1), household_size (persons),
    reference_date, source. A divided commune's people go with its enumeration areas.
    """
    table, areas = communes(), enumeration_areas()
    size = (table["population"] / table["households"]).to_numpy()
    number = table["district"] + (table.groupby("district").cumcount() + 1).map("{:02d}".format)
    persons = areas["households"] * areas["psu"].str[:-3].map(dict(zip(number, size, strict=True)))
    urban = areas["households"].where(areas["area_type"] == "urban", 0)
    sums = (
        areas.assign(persons=persons, urban=urban)
        .groupby("commune")[["households", "persons", "urban"]]
        .sum()
    )
    return pd.DataFrame(
        {
            "area": sums.index,
            "population": sums["persons"].round().astype(int),
            "urban_share": (sums["urban"] / sums["households"]).round(4),
            "household_size": (sums["persons"] / sums["households"]).round(4),
            "reference_date": CENSUS_DAY,
            "source": "TEST DATA. 2019 Population and Housing Census by commune, put into the communes of 2025",
        }
    ).reset_index(drop=True)


@click.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    default=QUESTIONNAIRE,
    show_default="questionnaires/ict-ho-gia-dinh",
    help="Where controls.csv, controls_household.csv and auxiliary_commune.csv go.",
)
def main(folder: Path) -> None:
    """Write the demonstration's totals and auxiliary data (test data). Example: python -m survey.demo.frame"""
    tables = {
        "controls.csv": controls(),
        "controls_household.csv": household_controls(),
        "auxiliary_commune.csv": commune_auxiliary(),
    }
    for name, table in tables.items():
        table.to_csv(folder / name, index=False, lineterminator="\n")
        click.echo(f"{name}: {len(table)} rows")


if __name__ == "__main__":
    main()
