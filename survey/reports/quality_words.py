"""The sentences of the quality report under SIMS's concepts; facts in braces are filled in from the database."""

from collections.abc import Mapping, Sequence

Concepts = Mapping[str, tuple[str, Sequence[str]]]

WORDS: Mapping[str, Mapping[str, str]] = {
    "vi": {
        "subject": "Phương pháp và chất lượng: {title}, năm {year}",
        "none": "(không có)",
        "open": "đợt thu thập chưa đóng",
        "days": "{} ngày",
        "errors": "Sai số chọn mẫu của các chỉ tiêu",
        "errors_columns": "Chỉ tiêu|Giá trị|Sai số chuẩn|CV|Deff|Cỡ mẫu",
        "response": "Trả lời theo tầng",
        "response_columns": "Tầng|Mẫu|Hoàn thành|Tỷ lệ RR1",
        "edits": "Quy tắc kiểm tra và số lần vi phạm",
        "edits_columns": "Quy tắc|Mức|Số lần",
        "error": "lỗi",
        "warning": "cảnh báo",
    },
    "en": {
        "subject": "Methodology and quality: {title}, {year}",
        "none": "(none)",
        "open": "collection is not closed yet",
        "days": "{} days",
        "errors": "Sampling errors of the indicators",
        "errors_columns": "Indicator|Value|Standard error|CV|Deff|Sample",
        "response": "Response by stratum",
        "response_columns": "Stratum|Sample|Complete|RR1",
        "edits": "Edit rules and how often they failed",
        "edits_columns": "Rule|Severity|Failures",
        "error": "error",
        "warning": "warning",
    },
}
STEPS: Mapping[str, Mapping[str, str]] = {
    "vi": {
        "design_weight": "trọng số thiết kế (nghịch đảo xác suất chọn)",
        "nonresponse": "điều chỉnh không trả lời theo lớp",
        "within_household": "chọn một người trong hộ",
        "poststratify": "hậu phân tầng",
        "rake": "hiệu chỉnh theo tổng thể (raking)",
        "calibrate": "hiệu chỉnh theo tổng thể",
        "trim": "cắt trọng số lớn",
    },
    "en": {
        "design_weight": "design weight (inverse of the selection probability)",
        "nonresponse": "nonresponse adjustment within classes",
        "within_household": "selection of one person in the household",
        "poststratify": "poststratification",
        "rake": "raking to population totals",
        "calibrate": "calibration to population totals",
        "trim": "trimming of large weights",
    },
}
CONCEPTS: Mapping[str, Concepts] = {
    "vi": {
        "S.1": ("Liên hệ", ["Thống kê tỉnh Vĩnh Long. Mã cuộc điều tra trong hệ thống: {survey}."]),
        "S.3": (
            "Trình bày thống kê",
            [
                "{title}. Phiếu có {questions} câu hỏi và cho {indicators} chỉ tiêu, chia theo: {breakdowns}.",
                "Tổng thể: {population}. Đơn vị thống kê: {levels}.",
            ],
        ),
        "S.4": ("Đơn vị đo", ["Nêu cạnh từng con số; tỷ lệ tính bằng phần trăm."]),
        "S.5": ("Kỳ tham chiếu", ["Kỳ số liệu: {period}. Thời gian thu thập: {fieldwork}. Kỳ tham chiếu của từng chỉ"
                " tiêu nằm trong định nghĩa của chỉ tiêu đó."]),
        "S.6": ("Căn cứ pháp lý", ["Quyết định điều tra: {decision}."]),
        "S.7": ("Bảo mật", ["Dữ liệu định danh được lưu tách khỏi câu trả lời. Con số dưới {minimum_n} quan sát không"
                " được công bố."]),
        "S.8": ("Chính sách công bố", ["Số liệu do một thống kê viên đề nghị và một thống kê viên khác ký; trước đó là"
                " mật. Ngày công bố: {published}."]),
        "S.9": ("Tần suất phổ biến", ["Mỗi năm một lần."]),
        "S.10": ("Khả năng tiếp cận", ["Trang công khai, tệp CSV, XLSX, SDMX, API và mã nguồn của từng con số (lượt xử"
                 " lý {run}, bản chụp dữ liệu {snapshot}, phiên bản chương trình {code_version})."]),
        "S.11": ("Quản lý chất lượng", ["{rules} quy tắc kiểm tra chạy trên toàn bộ phiếu ở mỗi lượt xử lý; bốn mắt"
                 " trước khi công bố."]),
        "S.12": ("Tính phù hợp", ["Các chỉ tiêu ứng với danh mục chỉ tiêu trong kế hoạch của tỉnh; mã chỉ tiêu nêu ở"
                 " từng trang."]),
        "S.13.1": ("Độ chính xác chung", ["Trong {figures} số liệu có {caution} số độ tin cậy thấp (CV trên"
                   " {cv_caution}) và {withheld} số không công bố (CV trên {cv_publish} hoặc dưới {minimum_n} quan"
                   " sát). CV trung vị: {median_cv}."]),
        "S.13.2": ("Sai số chọn mẫu", ["Phương sai tuyến tính hóa Taylor theo thiết kế mẫu; khoảng tin cậy 95 % của tỷ"
                   " lệ theo thang logit."]),
        "S.13.3": ("Sai số ngoài chọn mẫu", ["Mẫu {sampled} đơn vị, {complete} hoàn thành; tỷ lệ trả lời (AAPOR RR1)"
                   " {response_rate}. Các quy tắc kiểm tra bị vi phạm {failed} lần."]),
        "S.14": ("Tính kịp thời", ["Từ khi kết thúc thu thập đến khi công bố: {lag}."]),
        "S.15": ("Tính nhất quán và so sánh được", ["Số của tỉnh mới (từ 01/7/2025) không nối tiếp số của riêng tỉnh cũ"
                 " nào. Số điều tra và số hành chính của cùng một nội dung là hai chỉ tiêu khác nhau."]),
        "S.16": ("Chi phí và gánh nặng", ["Chi phí không được ghi trong hệ thống."]),
        "S.17": ("Chỉnh sửa số liệu", ["Số đã công bố không bị sửa; lần công bố sau thay thế và số cũ vẫn tra được."]),
        "S.18": (
            "Xử lý thống kê",
            [
                "Nguồn: điều tra chọn mẫu. Trọng số: {steps}.",
                "Tổng thể dùng để hiệu chỉnh: {controls}.",
            ],
        ),
        "S.19": ("Ghi chú", ["Thời gian các bước theo mô hình GSBPM nằm trong nhật ký của lượt xử lý {run}."]),
    },
    "en": {
        "S.1": ("Contact", ["Statistics office of Vĩnh Long province. Code of the survey in the system: {survey}."]),
        "S.3": (
            "Statistical presentation",
            [
                "{title}. The questionnaire has {questions} questions and yields {indicators} indicators by:"
                " {breakdowns}.",
                "Population: {population}. Statistical units: {levels}.",
            ],
        ),
        "S.4": ("Unit of measure", ["Given beside each figure; shares in percent."]),
        "S.5": ("Reference period", ["Period: {period}. Collection: {fieldwork}. The reference period of each indicator"
                " is part of its definition."]),
        "S.6": ("Institutional mandate", ["Decision on the survey: {decision}."]),
        "S.7": ("Confidentiality", ["Identifying data are kept apart from answers. Figures of fewer than {minimum_n}"
                " observations are not published."]),
        "S.8": ("Release policy", ["One statistician proposes figures and another signs them; they are confidential"
                " until then. Published on {published}."]),
        "S.9": ("Frequency of dissemination", ["Once a year."]),
        "S.10": ("Accessibility and clarity", ["Public pages, CSV, XLSX, SDMX, an API and the lineage of every figure"
                 " (run {run}, snapshot {snapshot}, code version {code_version})."]),
        "S.11": ("Quality management", ["{rules} edit rules are run over all records in every run; two people sign"
                 " before publication."]),
        "S.12": ("Relevance", ["Indicators correspond to lines of the province's plans; each page names its line."]),
        "S.13.1": ("Overall accuracy", ["Of {figures} figures {caution} are of low reliability (CV over {cv_caution})"
                   " and {withheld} are withheld (CV over {cv_publish} or fewer than {minimum_n}"
                   " observations). Median CV: {median_cv}."]),
        "S.13.2": ("Sampling error", ["Taylor-linearised variance under the sampling design; 95% intervals of shares on"
                   " the logit scale."]),
        "S.13.3": ("Non-sampling error", ["Sample of {sampled} units, {complete} complete; response rate (AAPOR RR1)"
                   " {response_rate}. Edit rules failed {failed} times."]),
        "S.14": ("Timeliness", ["From the end of collection to publication: {lag}."]),
        "S.15": ("Coherence and comparability", ["Figures of the merged province (since 1 July 2025) continue no former"
                 " province's series. Survey and administrative values of one subject are different indicators."]),
        "S.16": ("Cost and burden", ["Costs are not recorded in the system."]),
        "S.17": ("Data revision", ["Published figures are never changed; a later release replaces them and the old ones"
                 " stay on record."]),
        "S.18": ("Statistical processing", ["Source: sample survey. Weighting: {steps}.",
                 "Totals for calibration: {controls}."]),
        "S.19": ("Comment", ["The steps follow GSBPM; their times are in the log of run {run}."]),
    },
}  # fmt: skip
