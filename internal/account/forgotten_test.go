package account

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// Who has forgotten a password is told to the administrators, by name or address,
// and nobody learns whether there is such an account.
func TestAForgottenPasswordIsToldToAdministrators(t *testing.T) {
	t.Parallel()
	s, owner := newStore(t)
	var told []string
	s.Asked = func(_ context.Context, _ pgx.Tx, a Account, admins []uuid.UUID) error {
		told = append(told, fmt.Sprint(a.UserName, " ", len(admins)))
		return nil
	}
	admin, err := s.Create(t.Context(), New{Name: "管理员", UserName: "chief", Role: Admin, Language: "zh-CN", TimeZone: "Asia/Shanghai"})
	if err != nil {
		t.Fatal(err)
	}
	for _, login := range []string{" " + owner.UserName, "nobody", "zero\x00", "", admin.UserName} {
		if err := s.Forgotten(t.Context(), login, device("here")); err != nil {
			t.Errorf("%q: %v", login, err)
		}
	}
	if want := []string{owner.UserName + " 1", "chief 0"}; !slices.Equal(told, want) {
		t.Errorf("told of %q, want %q", told, want)
	}
	for range 20 {
		err = s.Forgotten(t.Context(), owner.UserName, device("here"))
	}
	if problem.Code(err) != "locked_out" {
		t.Errorf("a network may ask for ever: %v", err)
	}
	if err := s.Forgotten(t.Context(), owner.UserName, device("198.51.100.7")); err != nil {
		t.Errorf("another network: %v", err)
	}
}
