package httpd

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yunqiao/yunqiao/internal/account"
)

// Server tells clients what hub this is, before anybody signs in.
type Server struct {
	Info ServerInfo
	// SetupNeeded says whether the first administrator is still missing.
	SetupNeeded func(ctx context.Context) (bool, error)
	// DemoAccounts are shown on the sign-in page of a demonstration only.
	DemoAccounts []DemoAccount
}

// ServerInfo is what does not change while the hub runs.
type ServerInfo struct {
	NameZH        string `json:"name_zh"`
	NameEN        string `json:"name_en"`
	Version       string `json:"version"`
	Demo          bool   `json:"demo" doc:"everything in here is invented"`
	Mail          bool   `json:"mail" doc:"invitations are sent by mail"`
	ReferenceZone string `json:"reference_zone" doc:"the house's own clock"`
}

// DemoAccount is an account of a demonstration.
type DemoAccount struct {
	UserName string `json:"user_name"`
	Password string `json:"password"`
	Role     string `json:"role" enum:"admin,staff,station,ambassador"`
	Name     string `json:"name"`
}

type serverView struct {
	ServerInfo
	SetupNeeded  bool          `json:"setup_needed"`
	DemoAccounts []DemoAccount `json:"demo_accounts"`
}

type serverOutput struct{ Body serverView }

// Register adds the operation.
func (s *Server) Register(api huma.API) {
	huma.Register(api, account.Public(huma.Operation{
		OperationID: "readServer", Method: http.MethodGet, Path: "/api/server", Summary: "What hub this is", Tags: []string{"server"},
	}), func(ctx context.Context, _ *struct{}) (*serverOutput, error) {
		needed, err := s.SetupNeeded(ctx)
		if err != nil {
			return nil, err
		}
		return &serverOutput{serverView{s.Info, needed, append([]DemoAccount{}, s.DemoAccounts...)}}, nil
	})
}
