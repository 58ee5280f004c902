"""What the pages say to a person who takes answers back."""

WITHDRAWAL = {
    "withdraw": {"vi": "Rút lại câu trả lời", "en": "Withdraw your answers"},
    "withdraw_lead": {
        "vi": "Ông/bà đã trả lời một khảo sát và không muốn câu trả lời được dùng nữa? "
        "Nhập mã biên nhận; trang sau cho biết điều gì sẽ xảy ra rồi mới hỏi lại lần cuối.",
        "en": "You answered a survey and no longer want your answers to be used? "
        "Enter the receipt code; the next page says what will happen and asks once more.",
    },
    "receipt_code": {"vi": "Mã biên nhận", "en": "Receipt code"},
    "receipt_hint": {
        "vi": "8 chữ và số ở trang cảm ơn, ví dụ K7QM-2XWP. Phiếu làm dở: mã để làm tiếp.",
        "en": "8 letters and digits from the thanks page, for example K7QM-2XWP. "
        "For an unfinished form: the code to go on with.",
    },
    "withdraw_next": {"vi": "Xem điều gì sẽ xảy ra", "en": "See what will happen"},
    "wrong_receipt": {
        "vi": "Không rút lại được với mã “{code}”. Kiểm tra lại 8 ký tự. "
        "Mã cũng không còn dùng được sau khi số liệu của đợt khảo sát đã được ký công bố.",
        "en": "Nothing can be withdrawn with the code “{code}”. Check its 8 characters. "
        "A code also ends once figures of its round have been signed for publication.",
    },
    "no_receipt": {"vi": "Nhập mã biên nhận", "en": "Enter the receipt code"},
    "lost_receipt": {"vi": "Mất mã biên nhận?", "en": "Lost the receipt code?"},
    "lost_receipt_says": {
        "vi": "Người được mời, hoặc đã trả lời điều tra viên: gọi cơ quan ghi trên thư mời và đọc mã phiếu trong "
        "thư, cán bộ tra được mã biên nhận. Người tự mở trang khảo sát: không có cách nào khác để tìm ra phiếu, "
        "vì chúng tôi không hỏi tên.",
        "en": "If you were invited or spoke to an enumerator: call the office named on the invitation and read out "
        "its code; they can look the receipt code up. If you opened the survey's page yourself: there is no other "
        "way to find your form, because we do not ask for names.",
    },
    "withdraw_sure": {"vi": "Xóa hẳn câu trả lời của ông/bà?", "en": "Erase your answers for good?"},
    "withdraw_survey": {"vi": "Khảo sát", "en": "Survey"},
    "withdraw_sent": {"vi": "Gửi lúc", "en": "Sent"},
    "withdraw_begun": {"vi": "Làm dở từ", "en": "Started, not sent"},
    "withdraw_what": {"vi": "Nếu rút lại:", "en": "If you withdraw:"},
    "withdraw_erased": {
        "vi": "Mọi câu trả lời, ảnh, tệp và bản làm dở của phiếu này bị xóa khỏi cơ sở dữ liệu, "
        "và khỏi các bản chụp dữ liệu dùng để tính.",
        "en": "All answers, photos, files and unfinished versions of this form are erased from the database, "
        "and from the copies taken for computing.",
    },
    "withdraw_kept": {
        "vi": "Chỉ giữ lại rằng có một phiếu đã rút, để bản gửi trùng sau này không đưa câu trả lời trở lại.",
        "en": "All that stays is that one form was withdrawn, so that a late copy cannot bring the answers back.",
    },
    "withdraw_case": {
        "vi": "Phiếu mời này được ghi là từ chối; trong đợt này chúng tôi không hỏi lại.",
        "en": "The invitation is recorded as a refusal; we will not ask again in this round.",
    },
    "withdraw_no_undo": {
        "vi": "Không khôi phục được: chính chúng tôi cũng không lấy lại được câu trả lời.",
        "en": "This cannot be undone: not even we can bring the answers back.",
    },
    "withdraw_button": {"vi": "Xóa câu trả lời của tôi", "en": "Erase my answers"},
    "withdraw_cancel": {"vi": "Không rút lại, giữ câu trả lời", "en": "Do not withdraw, keep my answers"},
    "withdrawn": {"vi": "Câu trả lời đã được xóa", "en": "Your answers are erased"},
    "withdrawn_says": {
        "vi": "Câu trả lời của ông/bà không còn trong cơ sở dữ liệu và không được tính vào số liệu nào. "
        "Cảm ơn ông/bà đã cho chúng tôi biết.",
        "en": "Your answers are no longer in the database and count in no figure. Thank you for telling us.",
    },
    "withdrawn_before": {"vi": "Phiếu này đã được rút lại từ trước", "en": "This form was withdrawn before"},
    "withdrawn_before_says": {
        "vi": "Câu trả lời đã được xóa, ông/bà không cần làm gì thêm.",
        "en": "The answers are erased; you need not do anything more.",
    },
    "too_late": {"vi": "Không rút lại được nữa", "en": "This can no longer be withdrawn"},
    "too_late_says": {
        "vi": "Câu trả lời của đợt này đã được khử định danh ngày {date}: không còn cách tìm ra phiếu nào là của ai, "
        "và số liệu chung đã có thể được công bố. Không ai biết được ông/bà đã trả lời gì.",
        "en": "The answers of this round were de-identified on {date}: there is no way left to tell which form is "
        "whose, and figures may have been published. Nobody can find out what you answered.",
    },
    "until_day": {
        "vi": "Rút lại được đến hết ngày {date}, bằng mã biên nhận.",
        "en": "Until the end of {date}, with the receipt code.",
    },
    "until_signed": {
        "vi": "Rút lại được đến khi số liệu của đợt khảo sát được ký công bố, bằng mã biên nhận.",
        "en": "Until figures of the round are signed for publication, with the receipt code.",
    },
    "change_of_mind": {"vi": "Đổi ý?", "en": "Changed your mind?"},
}
