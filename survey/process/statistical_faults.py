"""Faults of `analysis` as the staff read them: a Vietnamese sentence for each, the English kept as detail."""

from collections.abc import Callable, Iterable, Mapping
from numbers import Real
from typing import Any

from analysis import SurveyError, errors
from survey.errors import Fault
from survey.formats import number

MOST_LISTED = 20
RECIPE = "design.yaml và controls.csv"


class StatisticalFault(Fault):
    """A fault that the statistics library found; `detail` is its own English text."""

    title = "Chưa tính được"

    def __init__(self, message: str, remedy: str, detail: str) -> None:
        super().__init__(message, remedy)
        self.detail = detail


# What and where, then the remedy; the fields in braces are the attributes of the error.
SENTENCES: dict[type[SurveyError], tuple[str, str]] = {
    SurveyError: (
        "Thư viện thống kê từ chối tính với dữ liệu và phương án này.",
        f"Xem chi tiết và {RECIPE}.",
    ),
    errors.UnknownOption: (
        "Tùy chọn {option} có giá trị {value} không dùng được.",
        "Chọn một trong: {allowed}.",
    ),
    errors.ColumnNotFound: ("Dữ liệu không có cột {column}.", "Sửa tên cột trong phương án. Có: {present}."),
    errors.NotNumeric: (
        "Cột {column} phải là số nhưng có giá trị {value}.",
        "Sửa giá trị đó hoặc mã hóa lại cột thành số.",
    ),
    errors.NotCategories: (
        "Cột {column} phải là các nhóm nhưng có giá trị {value}.",
        "Mã hóa lại cột thành các nhóm có tên.",
    ),
    errors.MissingValues: (
        "Cột {column} còn {count} giá trị trống, đầu tiên ở dòng {row}.",
        "Bổ sung giá trị, hoặc loại các dòng đó bằng điều kiện của chỉ tiêu.",
    ),
    errors.BadWeight: (
        "Trọng số hoặc xác suất ở {column} không dùng được: âm, vô hạn, lớn hơn 1 hoặc cộng lại bằng 0.",
        "Sửa trọng số hay xác suất chọn mẫu rồi tính lại.",
    ),
    errors.BadReplicates: (
        "Cột trọng số lặp {column} thiếu, thừa, sai thứ tự, âm hoặc trống.",
        "Sửa tệp trọng số lặp rồi đọc lại (xem chi tiết).",
    ),
    errors.BadFpc: (
        "Quy mô tổng thể ở cột {column} mâu thuẫn với mẫu.",
        "Mỗi tầng cần một quy mô dương, không nhỏ hơn số đơn vị đã chọn.",
    ),
    errors.ClustersNotNested: (
        "Cụm {value} của cột {column} nằm ở nhiều tầng.",
        "Sửa mã cụm, hoặc khai báo mã cụm đánh lại từ đầu trong mỗi tầng.",
    ),
    errors.LonelyPsu: (
        "Tầng {stratum} chỉ có một đơn vị mẫu ở giai đoạn {stage} nên không tính được sai số.",
        "Gộp với tầng tương tự, hoặc đặt `lonely_psu` trong design.yaml.",
    ),
    errors.EmptyDomain: (
        "Nhóm {domain} không có đơn vị nào có trọng số dương và giá trị đã biết.",
        "Bỏ nhóm này, gộp với nhóm khác hoặc sửa điều kiện của chỉ tiêu.",
    ),
    errors.ZeroDenominator: (
        "Mẫu số {denominator} bằng 0 trong nhóm {domain}.",
        "Sửa mẫu số của chỉ tiêu hoặc gộp nhóm.",
    ),
    errors.NotAProportion: (
        "Cột {column} có giá trị {value}, không phải 0 hoặc 1, nên không tính được tỷ lệ.",
        "Viết tử số của chỉ tiêu thành biểu thức đúng hoặc sai.",
    ),
    errors.DuplicateControl: (
        "Biên {margin}: tổng thể của nhóm {level} được cho hai lần.",
        "Giữ một dòng trong controls.csv.",
    ),
    errors.BadControl: (
        "Tổng thể của biên {margin} không dùng được.",
        "Kiểm tra các dòng của biên này trong controls.csv: đủ cột, là số, không âm.",
    ),
    errors.LevelNotInControls: (
        "Biên {margin}: nhóm {level} có {count} phiếu trong mẫu nhưng không có tổng thể.",
        "Thêm tổng thể của nhóm vào controls.csv hoặc mã hóa lại nhóm.",
    ),
    errors.LevelNotInSample: (
        "Biên {margin}: nhóm {level} có tổng thể {target} nhưng mẫu không có ai.",
        "Gộp nhóm này với nhóm khác ({neighbours}) trong controls.csv.",
    ),
    errors.ControlsDisagree: (
        "Biên {first} cộng lại được {first_sum}, còn biên {second} được {second_sum}.",
        "Sửa controls.csv để mọi biên cùng mô tả một tổng thể.",
    ),
    errors.NoConvergence: (
        "{method}: sau {iterations} vòng lặp vẫn chưa khớp. Lệch nhất ở biên {margin}, nhóm {level}:"
        " mẫu {sample}, tổng thể {target}.",
        "Gộp các nhóm nhỏ, nới giới hạn trọng số hoặc cho lặp thêm.",
    ),
    errors.InfeasibleControls: (
        "Không có bộ trọng số nào trong giới hạn khớp mọi tổng thể; còn vướng: {conflicts}.",
        "Nới giới hạn trọng số hoặc gộp các nhóm này.",
    ),
    errors.ModelNotFitted: (
        "Không ước lượng được mô hình {model}.",
        "Bỏ bớt biến, gộp mức của biến, hoặc kiểm tra giá trị trống (xem chi tiết).",
    ),
    errors.TooFewAreas: (
        "Chỉ có {count} địa bàn có ước lượng trực tiếp dùng được, không đủ cho mô hình {coefficients} hệ số.",
        "Bỏ bớt biến phụ trợ, dùng địa bàn lớn hơn, hoặc đặt `unusable: gvf` trong small_area.",
    ),
    errors.UnusableVariances: (
        "{count} địa bàn có phương sai trực tiếp bằng 0, không tính được hoặc từ quá ít phiếu.",
        "Đặt `unusable: synthetic` (coi như không có mẫu) hoặc `unusable: gvf` (làm trơn phương sai) trong small_area.",
    ),
    errors.AreaNotListed: (
        "Mẫu có địa bàn {area} nhưng tệp phụ trợ không có dòng của địa bàn này.",
        "Thêm dòng vào tệp phụ trợ hoặc sửa mã địa bàn.",
    ),
    errors.ShareOutOfRange: (
        "Tỷ lệ của địa bàn {area} theo mô hình ra ngoài khoảng 0 đến 1 ({share}).",
        "Đặt `transform: arcsine` và `benchmark: logit` trong small_area.",
    ),
    errors.NoRespondents: (
        "Nhóm điều chỉnh {cell}: có {sampled} đơn vị thuộc diện điều tra nhưng không ai trả lời.",
        "Gộp nhóm này với nhóm tương tự ở bước nonresponse của design.yaml.",
    ),
    errors.UnsuitableDesign: (
        "Thiết kế mẫu không đáp ứng phương pháp {method}.",
        "Chọn phương pháp khác hoặc bổ sung thiết kế (xem chi tiết).",
    ),
    errors.NoOverlap: (
        "Mẫu tự nguyện và mẫu đối chiếu không gặp nhau ở {what}.",
        "Gộp mức hoặc bỏ biến đó, hoặc chỉ ước lượng cho phần dân số mà cả hai mẫu đều có.",
    ),
    errors.MixedSources: (
        "Các ước lượng từ nguồn khác loại bị gộp mà không nêu phương pháp.",
        "Chỉ gộp bằng phương pháp gộp có tên của thư viện.",
    ),
    errors.BadEdit: ("Quy tắc kiểm tra {edit} chưa đúng.", "Sửa quy tắc (xem chi tiết)."),
    errors.BadDomain: ("Miền giá trị của biến {field} không dùng được.", "Sửa miền giá trị (xem chi tiết)."),
    errors.InfeasibleEdits: (
        "Không có giá trị nào thỏa cùng lúc các quy tắc {edits} (biến phải giữ nguyên: {kept}).",
        "Sửa một trong các quy tắc, nới miền giá trị hoặc cho sửa thêm biến.",
    ),
    errors.NotFromSums: (
        "Dữ liệu đọc theo từng phần không cho được {what}.",
        "Đưa các cột cần dùng vào bộ nhớ bằng `compute` rồi tính lại.",
    ),
    errors.TooManyCombinations: (
        "Các cột {columns} có {found} tổ hợp giá trị khác nhau, nhiều hơn mức {most} giữ được trong bộ nhớ.",
        "Gộp bớt giá trị, dùng nhóm lớn hơn, hoặc tăng mức bằng `keeping`.",
    ),
    errors.TimeExceeded: (
        "Việc tìm biến cần sửa chưa xong sau {seconds} giây.",
        "Thu hẹp các miền giá trị rộng nhất hoặc cho thêm thời gian.",
    ),
    errors.NotLocalised: (
        "Việc tìm biến cần sửa dừng lại mà chưa có kết quả.",
        "Thu hẹp các miền giá trị rộng nhất hoặc tăng giới hạn thời gian.",
    ),
}


def in_vietnamese(error: SurveyError) -> StatisticalFault:
    """The fault as its class is told here, or else the nearest of its bases; `detail` is the English text."""
    known = next(kind for kind in type(error).__mro__ if kind in SENTENCES)
    fields = {name: _written(name, value) for name, value in vars(error).items()}
    message, remedy = (part.format_map(fields) for part in SENTENCES[known])
    return StatisticalFault(message, remedy, str(error))


def _written(name: str, value: Any) -> str:
    return FIELDS[name](value) if name in FIELDS else _plain(value)


def _plain(value: Any) -> str:
    """A value as it stands in a sentence: names in quotation marks, numbers as in Vietnam, lists joined."""
    if isinstance(value, Real) and not isinstance(value, bool):
        return _number(float(value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {_plain(item)}" for key, item in value.items())
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(_plain(item) for item in list(value)[:MOST_LISTED]) or "không có"
    return f"“{value}”"


def _number(value: float) -> str:
    text = number(value, 6)
    return text.rstrip("0").rstrip(",") if "," in text else text


def _conflicts(conflicts: list[tuple[str, object, float, float]]) -> str:
    return "; ".join(
        f"biên {_plain(margin)}, nhóm {_plain(level)} lệch {_number(abs(gap))} so với {_number(target)}"
        for margin, level, gap, target in conflicts[:5]
    )


FIELDS: dict[str, Callable[[Any], str]] = {"conflicts": _conflicts, "method": str}
