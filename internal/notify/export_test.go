package notify

// CheckPushBrowser lets a fuzz test call the check alone.
func CheckPushBrowser(o *Outside, b NewPushBrowser) error { return b.check(o) }
