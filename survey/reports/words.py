"""Words of the reports, in Vietnamese and English."""

from collections.abc import Mapping

from survey.disseminate.models import Verdict

VERDICTS: Mapping[str, Mapping[str, str]] = {
    "vi": {
        Verdict.MET: "đạt",
        Verdict.NOT_MET: "chưa đạt",
        Verdict.UNDECIDED: "chưa đủ để kết luận",
        "": "",
    },
    "en": {Verdict.MET: "met", Verdict.NOT_MET: "not met", Verdict.UNDECIDED: "undecided", "": ""},
}
MEASURED: Mapping[str, Mapping[str, str]] = {
    "vi": {
        "administrative data": "dữ liệu hành chính",
        "individual survey": "điều tra người dân",
        "household survey": "điều tra hộ gia đình",
        "household-business survey": "điều tra hộ kinh doanh",
        "business survey": "điều tra doanh nghiệp",
        "institution survey/census": "điều tra cơ sở",
        "not a statistic": "nhiệm vụ, không phải số liệu",
    },
    "en": {},
}
TOPICS: Mapping[str, Mapping[str, str]] = {
    "vi": {},
    "en": {"kinh tế số": "digital economy", "xã hội số": "digital society"},
}
ANNEX_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "vi": {
        "row": "TT phụ lục",
        "code": "Mã",
        "name": "Chỉ tiêu",
        "target": "Mục tiêu",
        "target_year": "Năm mục tiêu",
        "result": "Kết quả toàn tỉnh",
        "ci_low": "KTC 95 % dưới",
        "ci_high": "KTC 95 % trên",
        "territory": "Địa giới đặt mục tiêu",
        "result_in_territory": "Kết quả trong địa giới đó",
        "ci_low_in_territory": "KTC 95 % dưới (địa giới đó)",
        "ci_high_in_territory": "KTC 95 % trên (địa giới đó)",
        "unit": "Đơn vị",
        "verdict": "Kết luận",
        "reported": "Số liệu hành chính",
        "reported_source": "Nguồn số liệu hành chính",
        "owners": "Cơ quan chủ trì",
        "legal_basis": "Căn cứ",
        "document": "Văn bản giao",
        "measured_by": "Cách đo",
        "observation": "Số của số liệu",
    },
    "en": {
        "row": "Annex row",
        "code": "Code",
        "name": "Target line",
        "target": "Target",
        "target_year": "Target year",
        "result": "Result, whole province",
        "ci_low": "95% CI low",
        "ci_high": "95% CI high",
        "territory": "Territory that set the target",
        "result_in_territory": "Result within it",
        "ci_low_in_territory": "95% CI low within it",
        "ci_high_in_territory": "95% CI high within it",
        "unit": "Unit",
        "verdict": "Verdict",
        "reported": "Administrative value",
        "reported_source": "Its source",
        "owners": "Leading agencies",
        "legal_basis": "Legal basis",
        "document": "Document",
        "measured_by": "Measured by",
        "observation": "Observation",
    },
}
ADMINISTRATIVE, TASK = "administrative data", "not a statistic"
AIMS: Mapping[str, Mapping[str, str]] = {
    "vi": {">=": "ít nhất {}", "<=": "nhiều nhất {}", ">": "trên {}", "=": "{}"},
    "en": {">=": "at least {}", "<=": "at most {}", ">": "over {}", "=": "{}"},
}
WITHHELD = {"vi": "không công bố", "en": "withheld"}

FRAME: Mapping[str, Mapping[str, str]] = {
    "vi": {
        "kind": "BÁO CÁO",
        "parent": "CỤC THỐNG KÊ",
        "agency": "THỐNG KÊ TỈNH VĨNH LONG",
        "number": "Số:        /BC-TKT",
        "place": "Vĩnh Long, ngày {day.day:02d} tháng {day.month:02d} năm {day.year}",
        "signer": "TRƯỞNG THỐNG KÊ TỈNH",
        "synthetic": "SỐ LIỆU MÔ PHỎNG để thử hệ thống; không phải kết quả điều tra, không được trích dẫn.",
        "sources": "Lập từ {count} số liệu công bố đến hết ngày {day}; dấu của bộ số liệu: {mark}. Cùng số liệu cho"
        " cùng báo cáo.",
    },
    "en": {
        "kind": "REPORT",
        "parent": "NATIONAL STATISTICS OFFICE (CỤC THỐNG KÊ)",
        "agency": "STATISTICS OFFICE OF VĨNH LONG PROVINCE",
        "number": "No.:        /BC-TKT",
        "place": "Vĩnh Long, {day.day} {day:%B %Y}",
        "signer": "HEAD OF THE PROVINCIAL STATISTICS OFFICE",
        "synthetic": "SYNTHETIC DATA made to try out the system; not survey results, not to be quoted.",
        "sources": "Made of {count} figures published by the end of {day}; mark of the figures: {mark}. The same"
        " figures give the same report.",
    },
}
RECIPIENTS: Mapping[str, tuple[str, ...]] = {
    "vi": ("UBND tỉnh (b/c)", "Sở Khoa học và Công nghệ", "Các cơ quan chủ trì chỉ tiêu", "Lưu: VT"),
    "en": (
        "Provincial People's Committee",
        "Department of Science and Technology",
        "Agencies that lead indicators",
        "Records",
    ),
}
