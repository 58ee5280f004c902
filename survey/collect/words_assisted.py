"""What the pages say on a helper's phone."""

ASSISTED = {
    "help": {"vi": "Hỗ trợ người dân trả lời", "en": "Help people to answer"},
    "help_lead": {
        "vi": "Dành cho thành viên tổ công nghệ số cộng đồng. Một máy giúp được nhiều người, lần lượt từng người.",
        "en": "For members of community digital teams. One phone serves many people, one after the other.",
    },
    "team_code": {"vi": "Mã tổ", "en": "Team code"},
    "team_code_hint": {
        "vi": "8 chữ và số do người quản lý khảo sát cấp cho tổ.",
        "en": "8 letters and digits that the survey's manager gave your team.",
    },
    "helper_name": {"vi": "Tên của bạn", "en": "Your name"},
    "helper_name_hint": {
        "vi": "Tên này được ghi vào phiếu mà bạn giúp, để cơ quan thống kê biết ai đã giúp.",
        "en": "It is kept with the forms you help with, so that the statistics office knows who helped.",
    },
    "help_begin": {"vi": "Bắt đầu hỗ trợ", "en": "Begin to help"},
    "wrong_team_code": {
        "vi": "Mã tổ không đúng, đã hết hạn hoặc đã bị thu hồi. Kiểm tra lại 8 ký tự, hoặc hỏi người giao mã.",
        "en": "The team code is wrong, has expired or was revoked. Check its 8 characters, or ask who gave it.",
    },
    "no_helper_name": {"vi": "Nhập tên của bạn", "en": "Enter your name"},
    "help_choose": {"vi": "Chọn khảo sát", "en": "Choose a survey"},
    "help_none": {
        "vi": "Hiện không có khảo sát nào đang nhận câu trả lời.",
        "en": "No survey takes answers now.",
    },
    "help_person": {"vi": "Giúp một người trả lời", "en": "Help a person to answer"},
    "help_first": {"vi": "Trước khi bắt đầu", "en": "Before you begin"},
    "help_rules": {
        "vi": "Đọc cho người trả lời nghe các điều dưới đây. Người trả lời tự quyết định có đồng ý hay không, "
        "và tự chọn câu trả lời; bạn chỉ đọc và bấm giúp.",
        "en": "Read what follows to the person. They decide themselves whether to take part, and choose their own "
        "answers; you only read and tap for them.",
    },
    "case_code": {"vi": "Mã phiếu trên thư mời", "en": "Code of the invitation"},
    "case_code_hint": {
        "vi": "8 chữ và số. Để trống nếu người này không có thư mời.",
        "en": "8 letters and digits. Leave empty if the person has no invitation.",
    },
    "unnamed": {
        "vi": "Người trả lời không muốn ghi tên người giúp",
        "en": "The person does not want the helper's name to be kept",
    },
    "unnamed_hint": {
        "vi": "Đánh dấu thì chỉ ghi rằng có người giúp, không ghi là ai.",
        "en": "If ticked, only that somebody helped is kept, not who.",
    },
    "help_start": {"vi": "Bắt đầu", "en": "Start"},
    "case_begun": {
        "vi": "Phiếu mời này đang làm dở. Nhập mã của phiếu dở dang ở phần dưới để làm tiếp.",
        "en": "This invitation has a form in progress. Enter the code of that form below to go on.",
    },
    "bar_person": {
        "vi": "Đang giúp một người. Người giúp: {name}, {team}.",
        "en": "Helping a person. Helper: {name}, {team}.",
    },
    "bar_between": {"vi": "Chế độ hỗ trợ: {name}, {team}.", "en": "Helping: {name}, {team}."},
    "bar_code": {"vi": "Mã của phiếu này: {code}.", "en": "Code of this form: {code}."},
    "bar_done": {"vi": "Xong, đưa máy cho người khác", "en": "Done, hand the phone on"},
    "bar_end": {"vi": "Kết thúc hỗ trợ", "en": "Stop helping"},
    "bar_soon": {
        "vi": "Màn hình sẽ được xóa sau 1 phút vì không có ai bấm. Chạm vào trang để tiếp tục.",
        "en": "The screen will be cleared in 1 minute because nobody has touched it. Touch the page to go on.",
    },
    "next_neighbour": {"vi": "Mời người tiếp theo", "en": "Next person, please"},
    "next_neighbour_says": {
        "vi": "Màn hình đã được xóa. Câu trả lời của người trước không còn xem được trên máy này.",
        "en": "The screen is cleared. The answers of the person before can no longer be seen on this phone.",
    },
    "next_neighbour_begin": {"vi": "Giúp người tiếp theo", "en": "Help the next person"},
    "parting": {"vi": "Phiếu vừa rồi chưa gửi", "en": "The last form was not sent"},
    "parting_says": {
        "vi": "Ghi mã này cho người vừa trả lời để họ làm tiếp sau, rồi xóa mã khỏi màn hình:",
        "en": "Write this code down for the person who was answering, then clear it from the screen:",
    },
    "parting_done": {"vi": "Đã ghi, xóa mã", "en": "Written down, clear the code"},
    "ask_code": {"vi": "Nhập mã để mở phiếu này", "en": "Enter the code to open this form"},
    "ask_code_says": {
        "vi": "Phiếu này được trả lời trên máy dùng chung, nên chỉ người có mã mới mở được. "
        "Mã có ở trang tạm dừng, hoặc là mã biên nhận ở trang cảm ơn.",
        "en": "This form was filled in on a shared phone, so it opens only with its code. "
        "The code is on the page of the pause, or is the receipt code of the thanks page.",
    },
    "form_code": {"vi": "Mã của phiếu", "en": "Code of the form"},
    "form_code_hint": {
        "vi": "8 chữ và số, ví dụ K7QM-2XWP.",
        "en": "8 letters and digits, for example K7QM-2XWP.",
    },
    "form_code_wrong": {
        "vi": "Mã này không mở được phiếu. Kiểm tra lại 8 ký tự.",
        "en": "This code does not open the form. Check its 8 characters.",
    },
    "open_form": {"vi": "Mở phiếu", "en": "Open the form"},
}
