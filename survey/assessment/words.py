"""What the pages of a self-assessment say, by language, beside the words of the citizen's form."""

from collections.abc import Mapping

from survey.collect import words as collected
from survey.text import in_language

WORDS: Mapping[str, Mapping[str, str]] = {
    "gets": {"vi": "Ông/bà nhận được gì", "en": "What you get"},
    "gets_levels": {
        "vi": "Mức của doanh nghiệp ({levels} mức) và điểm của từng trụ cột, ngay sau khi gửi.",
        "en": "The enterprise's level (one of {levels}) and the points of each pillar, as soon as you send.",
    },
    "gets_peers": {
        "vi": "So với trung vị của các doanh nghiệp khác đã tham gia, khi có ít nhất {minimum} doanh nghiệp cùng nhóm.",
        "en": "A comparison with the median of other participants, once {minimum} of the same group took part.",
    },
    "gets_lift": {
        "vi": "Những việc gần nhất để mỗi trụ cột lên một mức.",
        "en": "The nearest steps that lift each pillar by one level.",
    },
    "gets_pdf": {
        "vi": "Bản PDF để in, và một mã để năm sau quay lại so sánh.",
        "en": "A PDF to print, and a code with which to come back next year and compare.",
    },
    "no_inspection": {"vi": "Không phải thanh tra, kiểm tra", "en": "Not an inspection"},
    "no_inspection_says": {
        "vi": "Không hỏi tên doanh nghiệp. Kết quả không dùng để xếp hạng, xử phạt hay xét hỗ trợ. "
        "Chỉ người có liên kết hoặc mã mới xem được kết quả của phiếu.",
        "en": "The enterprise's name is not asked. Results are not used to rank, fine or select for support. "
        "Only who has the link or the code can see a form's result.",
    },
    "begin": {"vi": "Bắt đầu tự đánh giá", "en": "Start the self-assessment"},
    "not_open": {"vi": "Hiện chưa nhận phiếu mới", "en": "No new forms are taken now"},
    "not_open_says": {
        "vi": "Đợt tự đánh giá chưa mở hoặc đã kết thúc. Ông/bà vẫn xem được kết quả cũ bằng mã.",
        "en": "The round is not open yet or is over. With a code you can still see an earlier result.",
    },
    "have_code": {"vi": "Đã có mã?", "en": "Have a code?"},
    "have_code_says": {
        "vi": "Nhập mã để làm tiếp phiếu dở dang, hoặc xem lại kết quả của năm nay hay năm trước.",
        "en": "Enter it to go on with a form, or to see the result of this or an earlier year.",
    },
    "code": {"vi": "Mã phiếu", "en": "Code of the form"},
    "code_button": {"vi": "Mở phiếu", "en": "Open"},
    "unknown_code": {
        "vi": "Không có phiếu nào của bộ tự đánh giá này với mã “{code}”. Kiểm tra lại 8 ký tự của mã.",
        "en": "No form of this self-assessment has the code “{code}”. Check its 8 characters.",
    },
    "no_code": {"vi": "Nhập mã gồm 8 chữ và số.", "en": "Enter the code of 8 letters and digits."},
    "own_code": {
        "vi": "Đây là mã của chính kết quả đang xem. Nhập mã của lần đánh giá khác.",
        "en": "This is the code of the result you are looking at. Enter that of another assessment.",
    },
    "unsent_code": {
        "vi": "Phiếu có mã “{code}” chưa được gửi nên chưa có kết quả.",
        "en": "The form with the code “{code}” was not sent yet, so it has no result.",
    },
    "other_criteria": {
        "vi": "Phiếu có mã “{code}” dùng bộ tiêu chí khác hoặc là số liệu mô phỏng nên không so sánh được. "
        "Có thể xem riêng kết quả của phiếu đó bằng mã.",
        "en": "The form with the code “{code}” uses other criteria or is synthetic, so the two cannot be compared. "
        "Its own result can be opened by its code.",
    },
    "method": {"vi": "Cách tính", "en": "How it is computed"},
    "result": {"vi": "Kết quả tự đánh giá", "en": "Result of the self-assessment"},
    "level": {"vi": "Mức {level}", "en": "Level {level}"},
    "level_of": {"vi": "Mức {level} trên {top}: {name}", "en": "Level {level} of {top}: {name}"},
    "points_of": {"vi": "{points} trên {maximum} điểm", "en": "{points} of {maximum} points"},
    "sent_on": {"vi": "Gửi ngày {date}, đợt {round}.", "en": "Sent on {date}, round {round}."},
    "late": {
        "vi": "Phiếu tới sau khi đợt kết thúc nên không được tính vào số liệu chung; kết quả của ông/bà vẫn đúng.",
        "en": "The form came after the round had ended, so it is in no statistics; your own result is right.",
    },
    "by_pillar": {"vi": "Theo từng trụ cột", "en": "By pillar"},
    "pillar": {"vi": "Trụ cột", "en": "Pillar"},
    "level_word": {"vi": "Mức", "en": "Level"},
    "points": {"vi": "Điểm", "en": "Points"},
    "share": {"vi": "% tối đa", "en": "% of max."},
    "peer_median": {"vi": "Trung vị nhóm", "en": "Group median"},
    "not_counted": {"vi": "Không áp dụng", "en": "Does not apply"},
    "you": {"vi": "Doanh nghiệp của ông/bà", "en": "Your enterprise"},
    "radar_says": {
        "vi": "Càng xa tâm, điểm càng cao. Số trên trục đứng là mức bắt đầu sau mỗi vòng.",
        "en": "The farther out, the more points. Numbers on the upright axis are the levels between the rings.",
    },
    "peers": {"vi": "So với ai", "en": "Compared with whom"},
    "peers_are": {
        "vi": "Đường đứt nét là trung vị của {n} doanh nghiệp khác đã tham gia, {group}, đợt {round}.",
        "en": "The dashed line is the median of {n} other participants, {group}, round {round}.",
    },
    "group_all": {"vi": "mọi ngành và quy mô", "en": "of all kinds"},
    "group_same": {"vi": "cùng {name}: {value}", "en": "same {name}: {value}"},
    "peers_wider": {
        "vi": "Nhóm hẹp hơn chưa có đủ {minimum} doanh nghiệp khác (hoặc chưa rõ ngành, quy mô) "
        "nên so với nhóm rộng hơn này.",
        "en": "A narrower group does not have {minimum} others yet (or your sector or size is not known), "
        "so this wider one is shown.",
    },
    "peers_none": {
        "vi": "Chưa đủ {minimum} doanh nghiệp khác tham gia nên chưa có trung vị để so. Mở lại trang này sau.",
        "en": "Fewer than {minimum} others took part, so there is no median to compare with yet. Come back later.",
    },
    "peers_no_sample": {
        "vi": "Đây là những doanh nghiệp đã tham gia, được mời hoặc tự vào trang; "
        "không phải mẫu đại diện cho mọi doanh nghiệp.",
        "en": "These are enterprises that took part, invited or by themselves; they are no sample of all enterprises.",
    },
    "lift": {"vi": "Việc gần nhất để lên một mức", "en": "The nearest steps to the next level"},
    "lift_says": {
        "vi": "Mỗi bước là nâng một tiêu chí lên một bậc. Gợi ý dưới đây có ít bước nhất, ưu tiên tiêu chí đang thấp.",
        "en": "A step raises one criterion by one degree. These ways have the fewest steps, low criteria first.",
    },
    "lift_overall": {
        "vi": "Để doanh nghiệp lên mức {level} cần trên {limit} điểm (hiện {points}) và ít nhất {pillars} trụ cột "
        "từ mức {level} trở lên (hiện {now}).",
        "en": "For level {level} the enterprise needs more than {limit} points (now {points}) and at least {pillars} "
        "pillars at level {level} or higher (now {now}).",
    },
    "lift_nearest": {"vi": "Gần nhất là: {pillars}.", "en": "Nearest to it: {pillars}."},
    "steps_to": {"vi": "{pillar} (còn {steps} bước)", "en": "{pillar} (steps to go: {steps})"},
    "lift_top": {"vi": "Đã ở mức cao nhất.", "en": "This is the highest level."},
    "lift_pillar": {
        "vi": "{pillar}: từ mức {now} lên mức {level}, thêm {missing} điểm, {steps} bước",
        "en": "{pillar}: from level {now} to level {level}, points needed: {missing}, steps: {steps}",
    },
    "criterion": {"vi": "Tiêu chí", "en": "Criterion"},
    "now": {"vi": "Hiện nay", "en": "Now"},
    "then": {"vi": "Nâng lên", "en": "Raise to"},
    "gain": {"vi": "Thêm điểm", "en": "Points gained"},
    "advice": {"vi": "Gợi ý", "en": "Advice"},
    "unapproved": {
        "vi": "Gợi ý chung, chưa được cơ quan có thẩm quyền duyệt.",
        "en": "General advice, not approved by an authority yet.",
    },
    "source": {"vi": "Nguồn: {source}", "en": "Source: {source}"},
    "keep": {"vi": "Giữ lại kết quả này", "en": "Keep this result"},
    "your_code": {"vi": "Mã của phiếu", "en": "Code of this form"},
    "your_code_says": {
        "vi": "Ghi lại mã này: năm sau nhập ở trang {address} để xem lại và so sánh.",
        "en": "Write this code down: next year, enter it at {address} to look back and compare.",
    },
    "pdf": {"vi": "Tải bản PDF", "en": "Download the PDF"},
    "again": {"vi": "Tự đánh giá lại", "en": "Assess yourself again"},
    "compare": {"vi": "So với lần trước", "en": "Compare with an earlier result"},
    "compare_code": {"vi": "Mã của lần đánh giá kia", "en": "Code of the other assessment"},
    "compare_button": {"vi": "So sánh", "en": "Compare"},
    "compare_title": {"vi": "So sánh hai lần tự đánh giá", "en": "Two self-assessments compared"},
    "before": {"vi": "Lần trước", "en": "Earlier"},
    "after": {"vi": "Lần sau", "en": "Later"},
    "before_level": {"vi": "Mức trước", "en": "Level before"},
    "after_level": {"vi": "Mức sau", "en": "Level after"},
    "change_points": {"vi": "Điểm", "en": "Points"},
    "change": {"vi": "Thay đổi", "en": "Change"},
    "total": {"vi": "Chung", "en": "Overall"},
    "rose": {"vi": "Tăng {levels}", "en": "Up {levels}"},
    "fell": {"vi": "Giảm {levels}", "en": "Down {levels}"},
    "same": {"vi": "Cùng mức", "en": "Same level"},
    "to_result": {"vi": "Xem kết quả này", "en": "See this result"},
    "rule_pillars": {
        "vi": "Mức của một trụ cột theo phần trăm điểm tối đa của nó: mức {levels} khi trên {limits} %.",
        "en": "The level of a pillar goes by the percentage of its maximum: levels {levels} above {limits} %.",
    },
    "rule_missing": {
        "vi": "Tiêu chí không trả lời hoặc không áp dụng không tính vào cả điểm lẫn điểm tối đa; "
        "các ngưỡng giữ nguyên tỷ lệ. Quy tắc này do hệ thống chọn, vì văn bản có trong tay không nói đến.",
        "en": "A criterion without an answer, or that does not apply, counts neither in the points nor in the maximum; "
        "limits keep their proportion. This rule is the service's own: the documents at hand do not speak of it.",
    },
    "left_out": {
        "vi": "Bỏ {count} tiêu chí không áp dụng.",
        "en": "Criteria left out because they do not apply: {count}.",
    },
}  # fmt: skip


def say(key: str, language: str, **values: object) -> str:
    """The words of a key in a language, Vietnamese where it has none, with `{name}`s filled in."""
    if key not in WORDS:
        return collected.say(key, language, **values)
    return in_language(WORDS[key], language).format(**values)
