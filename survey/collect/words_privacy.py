"""The privacy notice: what holds for every survey; design.yaml's `privacy` says what differs."""

PRIVACY = {
    "privacy": {"vi": "Quyền riêng tư", "en": "Privacy"},
    "privacy_lead": {
        "vi": "Chúng tôi hỏi gì, giữ gì, ai được xem, và ông/bà làm gì được với câu trả lời của mình.",
        "en": "What we ask and keep, who may see it, and what you can do about your answers.",
    },
    "privacy_surveys": {"vi": "Các khảo sát đang hỏi", "en": "Surveys that are asking now"},
    "privacy_none": {
        "vi": "Hiện không có khảo sát nào đang nhận câu trả lời.",
        "en": "No survey takes answers now.",
    },
    "privacy_all": {"vi": "Điều chung cho mọi khảo sát", "en": "What holds for every survey"},
    "consent": {"vi": "Đồng ý tham gia", "en": "Consent"},
    "privacy_asked_by": {"vi": "Ai hỏi", "en": "Who asks"},
    "privacy_round": {"vi": "Đợt khảo sát", "en": "Round"},
    "privacy_open_since": {"vi": "Nhận câu trả lời từ {date}", "en": "Takes answers since {date}"},
    "privacy_closed_on": {
        "vi": "Nhận câu trả lời từ {since} đến {date}",
        "en": "Took answers from {since} to {date}",
    },
    "privacy_purpose": {"vi": "Để làm gì", "en": "What for"},
    "privacy_legal_basis": {"vi": "Căn cứ pháp luật", "en": "Legal basis"},
    "privacy_legal_basis_says": {
        "vi": "Luật Thống kê số 89/2015/QH13, được sửa đổi, bổ sung bởi Luật số 01/2021/QH15. "
        "Luật Bảo vệ dữ liệu cá nhân số 91/2025/QH15, có hiệu lực từ 01/01/2026.",
        "en": "Law on Statistics 89/2015/QH13, amended by Law 01/2021/QH15. "
        "Law on Personal Data Protection 91/2025/QH15, in force since 1 January 2026.",
    },
    "privacy_decision": {"vi": "Quyết định số {number}.", "en": "Decision {number}."},
    "privacy_kept": {"vi": "Chúng tôi giữ gì", "en": "What is kept"},
    "privacy_kept_says": {
        "vi": "Câu trả lời; lúc bắt đầu, lúc gửi và những trang đã qua; ngôn ngữ; bản văn đồng ý đã đọc; với người "
        "được mời thì cả mã phiếu mời; nếu có người giúp thì ai đã giúp, trừ khi ông/bà không muốn. "
        "Số điện thoại, e-mail dùng để mời, nếu có, được giữ riêng với câu trả lời. "
        "Không hỏi tên, không cần tài khoản. Một cookie để nhớ phiên; ở trang mở cho mọi người có thêm một cookie "
        "90 ngày để biết một máy gửi nhiều lần, không theo dõi việc gì khác. Địa chỉ mạng không được lưu: chỉ giữ dấu "
        "băm có khóa của địa chỉ, của máy và của câu trả lời đến khi đợt khảo sát đóng, để tìm phiếu gửi trùng.",
        "en": "Your answers; when you began, when you sent them and the pages you passed; the language; the consent "
        "text you read; of invited people also the code of the invitation; if somebody helped you, who, unless you "
        "prefer not. Telephone numbers and e-mail addresses that served to invite, if any, are kept apart from the "
        "answers. No name is asked and no account is needed. One cookie remembers the session; on pages open to all "
        "another, for 90 days, tells when one device sends several times, and tracks nothing else. Network addresses "
        "are not kept: only keyed digests of the address, the device and the answers, until the round closes, to find "
        "forms that were sent twice.",
    },
    "privacy_access": {"vi": "Ai được xem", "en": "Who may see it"},
    "privacy_access_says": {
        "vi": "Chỉ cán bộ thống kê được phân công. Câu trả lời của từng người không được đưa cho cơ quan nào khác "
        "và không được công bố. Số liệu công bố là số chung; số tính từ quá ít phiếu thì không công bố.",
        "en": "Only the statistical staff in charge. Nobody's own answers are given to another office or published. "
        "What is published are statistics; figures from too few forms are withheld.",
    },
    "privacy_retention": {"vi": "Giữ bao lâu", "en": "For how long"},
    "privacy_retention_says": {
        "vi": "Khi số liệu của đợt được ký công bố, câu trả lời được khử định danh: mã biên nhận bị xóa, không còn mã "
        "nào dẫn tới câu trả lời. Câu trả lời không còn mã được giữ để kiểm tra và tính lại số liệu.",
        "en": "When figures of the round are signed for publication the answers are de-identified: receipt codes are "
        "erased and no code leads to an answer any more. Answers without a code are kept to check and compute again.",
    },
    "privacy_withdraw": {"vi": "Rút lại câu trả lời", "en": "Withdraw your answers"},
    "privacy_withdraw_says": {
        "vi": "Được, bằng mã biên nhận, đến khi câu trả lời được khử định danh. Mỗi khảo sát ghi rõ ngày.",
        "en": "You can, with the receipt code, until the answers are de-identified. Each survey names the day.",
    },
    "privacy_past": {
        "vi": "Câu trả lời gửi trước {date} đã được khử định danh, không rút lại được nữa.",
        "en": "Answers sent before {date} are de-identified and can no longer be withdrawn.",
    },
    "privacy_voluntary": {"vi": "Tự nguyện", "en": "Voluntary"},
    "privacy_voluntary_says": {
        "vi": "Ông/bà có thể không trả lời, hoặc dừng bất cứ lúc nào. Nếu không đồng ý, chúng tôi chỉ ghi lại "
        "việc không tham gia, để không hỏi lại.",
        "en": "You may decline, or stop at any time. If you do not agree, we note only that you do not take part, "
        "so as not to ask again.",
    },
    "privacy_contact": {"vi": "Liên hệ", "en": "Contact"},
    "privacy_contact_says": {
        "vi": "Cơ quan thống kê tỉnh Vĩnh Long; người được mời: theo địa chỉ ghi trên thư mời.",
        "en": "The statistics office of Vĩnh Long province; if you were invited: as the invitation says.",
    },
}
