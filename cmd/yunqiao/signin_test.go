package main

import (
	"net/http"
	"testing"

	"github.com/yunqiao/yunqiao/internal/account"
)

// Whoever signs in makes the device a known one, for scripts to leave alone, and
// the next sign-in on it keeps its token.
func TestSigningInMakesTheDeviceKnown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.person(t, "linyue", account.Staff)
	body := map[string]any{"login": "linyue", "password": testPassword}
	deviceOf := func(cookies []*http.Cookie) *http.Cookie {
		t.Helper()
		response := h.request(t, cookies, http.MethodPost, "/api/session", body, http.StatusOK, nil)
		for _, c := range response.Cookies() {
			if c.Name == account.DeviceCookie && c.HttpOnly && c.SameSite == http.SameSiteLaxMode {
				return c
			}
		}
		t.Fatalf("cookies %v", response.Cookies())
		return nil
	}
	first := deviceOf(nil)
	if again := deviceOf([]*http.Cookie{first}); again.Value != first.Value {
		t.Error("the device has another token every time")
	}
	made := &http.Cookie{Name: account.DeviceCookie, Value: "made-up"}
	if other := deviceOf([]*http.Cookie{made}); other.Value == made.Value || other.Value == first.Value {
		t.Error("a token that somebody made up is taken")
	}
}
