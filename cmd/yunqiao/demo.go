package main

import (
	"context"

	"github.com/yunqiao/yunqiao/internal/httpd"
)

// demoPassword opens every account of a demonstration. It is shown to
// everybody, since everything in a demonstration is invented.
const demoPassword = "yunqiao-demo"

// demoAccounts are the accounts worth trying first.
func demoAccounts() []httpd.DemoAccount {
	return []httpd.DemoAccount{
		{UserName: "admin", Password: demoPassword, Role: "admin", Name: "管理员"},
	}
}

func (n *node) fillDemo(context.Context) error { return nil }
