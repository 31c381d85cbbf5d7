package notify

import "fmt"

// chinese says whether somebody is written to in Chinese.
func chinese(language string) bool { return language != "en" }

// heading words a kind of notice for who reads it outside of the client.
func heading(kind NoticeKind, language string) string {
	zh, en := headings(kind)
	if chinese(language) {
		return zh
	}
	return en
}

func headings(kind NoticeKind) (zh, en string) {
	switch kind {
	case Mention:
		return "有人提到了您", "You were mentioned"
	case Message:
		return "新消息", "New message"
	case MissedCall:
		return "未接来电", "Missed call"
	case MustConfirm:
		return "有通知需要您确认", "A notice asks for your confirmation"
	case Chase:
		return "提醒：还有通知等您确认", "Reminder: a notice still waits for your confirmation"
	case Reminded:
		return "呼叫提醒", "Time to ring"
	case HookOff:
		return "对外推送已停用", "An outgoing hook was switched off"
	case Undelivered:
		return "邀请邮件未能送达", "An invitation could not be delivered"
	case LinkMade:
		return "有人为您的账号生成了重设密码的链接", "Somebody made a link that sets your password"
	case PasswordAsked:
		return "有人忘记了密码，请求重设", "Somebody has forgotten a password"
	case MeetingInvited:
		return "会议邀请", "You are invited to a meeting"
	case MeetingChanged:
		return "会议安排有变动", "A meeting has been changed"
	case MeetingCancelled:
		return "会议已取消，或您不再参加", "A meeting is cancelled, or you are no longer invited"
	case MeetingSoon:
		return "会议即将开始", "A meeting begins soon"
	case MeetingBegun:
		return "会议已开始", "A meeting has begun"
	case GuestWaits:
		return "有嘉宾在等候入会", "A guest is waiting to be admitted"
	}
	return "新通知", "News"
}

// incoming words that somebody is ringing.
func incoming(language string) string {
	if chinese(language) {
		return "来电"
	}
	return "Incoming call"
}

// digestSubject heads a letter of so many unseen notices.
func digestSubject(count int, house House, language string) string {
	if chinese(language) {
		return fmt.Sprintf("%s：您有 %d 条未读通知", house.NameZH, count)
	}
	if count == 1 {
		return house.NameEN + ": 1 unread notice"
	}
	return fmt.Sprintf("%s: %d unread notices", house.NameEN, count)
}
