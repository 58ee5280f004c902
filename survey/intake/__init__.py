"""The one door for answers: every channel hands its answers in here and they are judged the same way."""
