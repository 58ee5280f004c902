"""What letters, posters and messages say unless a manager writes it otherwise; Vietnamese where a language has none."""

from collections.abc import Mapping

from survey.invitations.models import Channel, Kind

LETTER = {
    "vi": {
        "asked_by": "Cơ quan thống kê tỉnh Vĩnh Long",
        "decision": "Theo Quyết định số {number}",
        "title": "Thư mời trả lời khảo sát",
        "to": "Kính gửi",
        "unit": "Đơn vị {unit}",
        "greeting": "Kính thưa ông/bà,",
        "invites": "Ông/bà được chọn ngẫu nhiên để trả lời “{title}”.",
        "purpose": "Câu trả lời được dùng để tính số liệu chung của tỉnh, không dùng vào việc khác.",
        "how": "Quét mã bên cạnh bằng máy ảnh của điện thoại, hoặc mở địa chỉ:",
        "code": "Mã phiếu",
        "code_says": "Liên kết này dành riêng cho ông/bà và dùng một lần. Xin đừng chuyển cho người khác.",
        "until": "Hạn trả lời: hết ngày {date}.",
        "minutes": "Trả lời mất khoảng {minutes} phút, có thể dừng và làm tiếp sau.",
        "voluntary": "Việc trả lời là tự nguyện. Câu trả lời được giữ bí mật theo Luật Thống kê. "
        "Nếu không muốn trả lời, ông/bà mở địa chỉ trên và bấm “Tôi không muốn trả lời”; chúng tôi sẽ không hỏi lại.",
        "privacy": "Thông báo về quyền riêng tư: {address}",
        "questions": "Cần hỏi thêm, xin gọi {telephone}.",
        "thanks": "Trân trọng cảm ơn ông/bà.",
        "qr": "Mã QR của địa chỉ {link}",
    },
    "en": {
        "asked_by": "The statistics office of Vĩnh Long province",
        "decision": "Under decision {number}",
        "title": "Invitation to a survey",
        "to": "To",
        "unit": "Unit {unit}",
        "greeting": "Dear Sir or Madam,",
        "invites": "You were chosen at random to answer “{title}”.",
        "purpose": "The answers serve to compute statistics of the province and nothing else.",
        "how": "Scan the code with your telephone's camera, or open the address above.",
        "code": "Code",
        "code_says": "The link is yours alone and works once. Please do not pass it on.",
        "until": "Please answer by the end of {date}.",
        "minutes": "It takes about {minutes} minutes; you can stop and go on later.",
        "voluntary": "Answering is voluntary. Answers are kept confidential under the Law on Statistics. If you do not "
        "wish to answer, open the address and press “I do not wish to answer”; we will not ask again.",
        "privacy": "Privacy notice: {address}",
        "questions": "Questions: call {telephone}.",
        "thanks": "Thank you.",
        "qr": "QR code of the address {link}",
    },
}

POSTER = {
    "vi": {
        "call": "Mời ông/bà trả lời khảo sát",
        "how": "Quét mã bằng máy ảnh của điện thoại, hoặc mở",
        "minutes": "Khoảng {minutes} phút. Không hỏi tên. Tự nguyện và bí mật.",
        "open": "Ai cũng trả lời được. Kết quả của trang này được công bố riêng, không thay cho mẫu điều tra.",
    },
    "en": {
        "call": "Please answer our survey",
        "how": "Scan the code with your telephone's camera, or open",
        "minutes": "About {minutes} minutes. No names. Voluntary and confidential.",
        "open": "Open to everybody.",
    },
}

Texts = Mapping[str, str]
SIGNED_VI = "Cơ quan thống kê tỉnh Vĩnh Long"

MESSAGES: dict[str, dict[str, Texts]] = {
    f"{Kind.INVITATION}.{Channel.EMAIL}": {
        "vi": {
            "subject": "Mời ông/bà trả lời khảo sát: {title}",
            "text": "Kính thưa ông/bà,\n\nÔng/bà được chọn ngẫu nhiên để trả lời “{title}”. Câu trả lời được giữ "
            "bí mật theo Luật Thống kê và chỉ dùng để tính số liệu chung của tỉnh. Việc trả lời là tự nguyện.\n\n"
            "Mở liên kết dành riêng cho ông/bà (dùng một lần, xin đừng chuyển cho người khác):\n{link}\n\n"
            f"Hạn trả lời: {{deadline}}.\n\nTrân trọng cảm ơn ông/bà.\n{SIGNED_VI}",
        },
        "en": {
            "subject": "Invitation to a survey: {title}",
            "text": "Dear Sir or Madam,\n\nYou were chosen at random to answer “{title}”. Answers are kept "
            "confidential under the Law on Statistics and serve statistics only. Answering is voluntary.\n\n"
            "Your own link (it works once, please do not pass it on):\n{link}\n\n"
            "Please answer by: {deadline}.\n\nThank you.\nThe statistics office of Vĩnh Long province",
        },
    },
    f"{Kind.REMINDER}.{Channel.EMAIL}": {
        "vi": {
            "subject": "Nhắc ông/bà trả lời khảo sát: {title}",
            "text": "Kính thưa ông/bà,\n\nChúng tôi chưa nhận được câu trả lời của ông/bà cho “{title}”. Mỗi câu "
            "trả lời đều giúp số liệu của tỉnh đúng hơn. Nếu ông/bà vừa gửi, xin bỏ qua thư này.\n\n"
            "Liên kết dành riêng cho ông/bà; phiếu đang làm dở vẫn còn:\n{link}\n\n"
            f"Hạn trả lời: {{deadline}}.\n\nTrân trọng cảm ơn ông/bà.\n{SIGNED_VI}",
        },
        "en": {
            "subject": "Reminder of a survey: {title}",
            "text": "Dear Sir or Madam,\n\nWe have not yet received your answers to “{title}”. Every answer makes the "
            "figures of the province better. If you have just sent yours, please ignore this message.\n\n"
            "Your own link; a form you started is still there:\n{link}\n\n"
            "Please answer by: {deadline}.\n\nThank you.\nThe statistics office of Vĩnh Long province",
        },
    },
    f"{Kind.INVITATION}.{Channel.SMS}": {
        "vi": {"text": f"{SIGNED_VI} mời ông/bà trả lời “{{title}}”: {{link}} (hạn: {{deadline}})"},
        "en": {"text": "Vinh Long statistics office invites you to answer {title}: {link} (by: {deadline})"},
    },
    f"{Kind.REMINDER}.{Channel.SMS}": {
        "vi": {"text": f"{SIGNED_VI} nhắc ông/bà trả lời “{{title}}”: {{link}} (hạn: {{deadline}})"},
        "en": {"text": "Vinh Long statistics office reminds you to answer {title}: {link} (by: {deadline})"},
    },
}

OPEN_DEADLINE = {"vi": "đến khi đợt khảo sát kết thúc", "en": "the end of the survey"}
STOP_LINE = {
    "vi": "Không muốn nhận thư về khảo sát này nữa: {address}",
    "en": "To receive no more messages about this survey: {address}",
}


def own(words: Mapping[str, Texts], language: str) -> Texts:
    """The words of a language, Vietnamese where it has none."""
    return words.get(language) or words["vi"]
