package signaling

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/pion/sdp/v3"

	"github.com/yunqiao/yunqiao/internal/budget"
	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/sfu"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

const (
	// admissionWait is how long an offer waits for somebody to let it in; encoders
	// give up after about ten seconds, and try again.
	admissionWait = 6 * time.Second
	retryAfter    = "5"
	maxSDP        = 512 << 10
	maxFragment   = 16 << 10

	typeSDP      = "application/sdp"
	typeFragment = "application/trickle-ice-sdpfrag"
)

var errSlowBody = problem.New(http.StatusRequestTimeout, "timeout", "the body did not come in time")

var errBearer = problem.New(http.StatusUnauthorized, "token_needed", "a participant's link token is needed as bearer token")

// Appliances serves encoders by WHIP (RFC 9725) and players by WHEP
// (draft-ietf-wish-whep), under the paths that Routes mounts. Their token is that
// of a guest's personal link: whoever holds it takes part like that guest, waits
// in the lobby, is muted and put out.
func (h *Hub) Appliances(r chi.Router) {
	for path, media := range map[string]func(*sdp.SessionDescription) (sfu.Offer, []wire.Source){
		"/whip": encoderOffer(sfu.Microphone, sfu.Camera), "/whip/screen": encoderOffer(sfu.ScreenAudio, sfu.Screen),
		"/whep": playerOffer,
	} {
		r.With(fromAnywhere).Options(path, describeEndpoint)
		r.With(fromAnywhere, h.ofNetwork).Post(path, h.offered(media))
	}
	for _, path := range []string{"/whip/at/{id}", "/whep/at/{id}"} {
		r.With(fromAnywhere).Options(path, describeEndpoint)
		r.With(fromAnywhere, h.ofNetwork).Delete(path, h.withdrawn)
		r.With(fromAnywhere, h.ofNetwork).Patch(path, h.trickled)
	}
}

// fromAnywhere lets pages of any origin call: what they may do is in the token
// they show, not in a cookie that a browser adds.
func fromAnywhere(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Access-Control-Allow-Origin", "*")
		head.Set("Access-Control-Allow-Methods", "POST, PATCH, DELETE, OPTIONS")
		head.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match")
		head.Set("Access-Control-Expose-Headers", "Location, ETag, Link, Retry-After")
		next.ServeHTTP(w, r)
	})
}

// ofNetwork refuses requests of a network whose appliances send too many.
func (h *Hub) ofNetwork(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h.Budgets.Appliances.Ask(time.Now(), budget.Network(h.Address(r)), 1); err != nil {
			h.refuseAppliance(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// describeEndpoint says what may be posted (RFC 9725 section 4.2).
func describeEndpoint(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Accept-Post", typeSDP)
	w.WriteHeader(http.StatusNoContent)
}

// offered answers an offer with a participant of its own.
func (h *Hub) offered(media func(*sdp.SessionDescription) (sfu.Offer, []wire.Source)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), handleTimeout+admissionWait)
		defer cancel()
		a, answer, err := h.offer(ctx, r, media)
		if err != nil {
			h.refuseAppliance(w, r, err)
			return
		}
		a.mu.Lock()
		id, ufrag := a.id, a.ufrag
		a.mu.Unlock()
		head := w.Header()
		head.Set("Content-Type", typeSDP)
		head.Set("Location", strings.TrimSuffix(strings.TrimSuffix(r.URL.Path, "/"), "/screen")+"/at/"+id)
		head.Set("ETag", etag(ufrag))
		for _, relay := range h.Relays(a.s.me.ID) {
			for _, url := range relay.URLs {
				head.Add("Link", fmt.Sprintf(`<%s>; rel="ice-server"; username=%q; credential=%q; credential-type="password"`,
					url, relay.Username, relay.Credential))
			}
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, answer) // the encoder may be gone
	}
}

func (h *Hub) offer(ctx context.Context, r *http.Request, media func(*sdp.SessionDescription) (sfu.Offer, []wire.Source)) (*appliance, string, error) {
	text, desc, err := readSDP(r)
	if err != nil {
		return nil, "", err
	}
	offer, live := media(desc)
	offer.Partial = true // machines offer more than is wanted of them
	if offer.SDP = text; len(offer.Sources)+len(offer.Seats)+len(offer.Ears) == 0 {
		return nil, "", problem.New(http.StatusUnprocessableEntity, "offer", "has nothing to send or to receive here").At("sdp")
	}
	g, err := h.Guests.EnterAppliance(ctx, bearer(r), chi.RouteContext(ctx).RoutePattern())
	if err != nil {
		return nil, "", err
	}
	if err := h.Budgets.ApplianceOffers.Ask(time.Now(), g.ID.String(), 1); err != nil {
		return nil, "", err
	}
	a, err := h.applianceOf(ctx, g)
	if err != nil {
		return nil, "", err
	}
	waiting, cancel := context.WithTimeout(ctx, admissionWait)
	defer cancel()
	answer, err := a.enter(waiting, offer, live)
	if err != nil {
		return nil, "", err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.id, a.ufrag = rand.Text(), ufragOf(desc)
	return a, answer, nil
}

// withdrawn ends an appliance's part (RFC 9725 section 4.2).
func (h *Hub) withdrawn(w http.ResponseWriter, r *http.Request) {
	a, err := h.resourceOf(r)
	if err != nil {
		h.refuseAppliance(w, r, err)
		return
	}
	a.s.kick(statusRevoked, "it has left")
	<-a.done
	w.WriteHeader(http.StatusOK)
}

// trickled takes candidates, of which this node needs none: it is ICE-lite and
// learns addresses from the checks (RFC 8445 section 2.5). An ICE restart is
// made by another offer (RFC 9725 section 4.3.3).
func (h *Hub) trickled(w http.ResponseWriter, r *http.Request) {
	a, err := h.resourceOf(r)
	if err != nil {
		h.refuseAppliance(w, r, err)
		return
	}
	a.mu.Lock()
	ufrag := a.ufrag
	a.mu.Unlock()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxFragment))
	match := r.Header.Get("If-Match")
	switch {
	case err != nil && !isLarge(err):
		err = errSlowBody
	case err != nil || !isType(r, typeFragment):
		err = problem.New(http.StatusUnsupportedMediaType, "media_type", "an SDP fragment of 16 KiB at most is needed")
	case restarts(string(body), ufrag):
		err = problem.New(http.StatusUnprocessableEntity, "restart", "make another offer to restart ICE").At("ice-ufrag")
	case match != "" && match != "*" && match != etag(ufrag):
		err = problem.New(http.StatusPreconditionFailed, "if_match", "the ICE session is another one by now")
	}
	if err != nil {
		h.refuseAppliance(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// restarts reports whether a fragment names another ICE session than this.
func restarts(fragment, ufrag string) bool {
	for line := range strings.Lines(fragment) {
		if other, ok := strings.CutPrefix(strings.TrimSpace(line), "a=ice-ufrag:"); ok && other != ufrag {
			return true
		}
	}
	return false
}

// resourceOf finds the appliance of a resource for the holder of its token.
func (h *Hub) resourceOf(r *http.Request) (*appliance, error) {
	id := chi.URLParam(r, "id")
	g, err := h.Guests.Look(r.Context(), bearer(r))
	if err != nil {
		return nil, err
	}
	h.appliances.mu.Lock()
	defer h.appliances.mu.Unlock()
	for _, a := range h.appliances.list {
		a.mu.Lock()
		mine := a.id != "" && subtle.ConstantTimeCompare([]byte(a.id), []byte(id)) == 1 && a.s.me.ID == g.ID
		a.mu.Unlock()
		if mine {
			return a, nil
		}
	}
	return nil, problem.NotFound("resource")
}

// refuseAppliance answers with a problem document (RFC 9457).
func (h *Hub) refuseAppliance(w http.ResponseWriter, r *http.Request, err error) {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		if p.Status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", "Bearer")
		}
		problem.Write(w, p)
		return
	}
	f, hidden := toFailure(err)
	status := http.StatusUnprocessableEntity
	switch {
	case hidden && !errors.Is(err, errRestart):
		h.Log.ErrorContext(r.Context(), "an appliance's offer failed", "err", err)
		status = http.StatusInternalServerError
	case f.Code == wire.CodeMustKnock || f.Code == wire.CodeElsewhere || errors.Is(err, errRestart):
		w.Header().Set("Retry-After", retryAfter)
		status = http.StatusServiceUnavailable
	case f.Code == wire.CodeForbidden || f.Code == wire.CodeLocked || f.Code == wire.CodeEnded:
		status = http.StatusForbidden
	case f.Code == wire.CodeConflict || f.Code == wire.CodeEnded:
		status = http.StatusConflict
	}
	problem.Write(w, problem.New(status, string(f.Code), "%s", f.Message).At(f.Field))
}

func isLarge(err error) bool {
	_, is := errors.AsType[*http.MaxBytesError](err)
	return is
}

func bearer(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return strings.TrimSpace(token)
}

func isType(r *http.Request, want string) bool {
	got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && got == want
}

func etag(ufrag string) string {
	return `"` + base64.RawURLEncoding.EncodeToString([]byte(ufrag)) + `"`
}

func readSDP(r *http.Request) (string, *sdp.SessionDescription, error) {
	if bearer(r) == "" {
		return "", nil, errBearer
	}
	if !isType(r, typeSDP) {
		return "", nil, problem.New(http.StatusUnsupportedMediaType, "media_type", "an offer is of type %s", typeSDP)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxSDP))
	if isLarge(err) {
		return "", nil, problem.New(http.StatusRequestEntityTooLarge, "too_large", "an offer has 512 KiB at most")
	}
	if err != nil {
		return "", nil, errSlowBody
	}
	desc := &sdp.SessionDescription{}
	if err := desc.UnmarshalString(string(body)); err != nil {
		return "", nil, problem.New(http.StatusUnprocessableEntity, "offer", "is not a session description").At("sdp")
	}
	return string(body), desc, nil
}

func ufragOf(desc *sdp.SessionDescription) string {
	if v, ok := desc.Attribute("ice-ufrag"); ok {
		return v
	}
	for _, m := range desc.MediaDescriptions {
		if v, ok := m.Attribute("ice-ufrag"); ok {
			return v
		}
	}
	return ""
}

// midsOf lists the media sections of a kind that can receive, or that can send.
func midsOf(desc *sdp.SessionDescription, kind string, receives bool) (mids []string) {
	for _, m := range desc.MediaDescriptions {
		_, receive := m.Attribute("recvonly")
		mid, _ := m.Attribute("mid")
		if _, off := m.Attribute("inactive"); m.MediaName.Media == kind && receive == receives && !off {
			mids = append(mids, mid)
		}
	}
	return mids
}

// encoderOffer takes the first sound and picture an encoder sends.
func encoderOffer(audio, video sfu.Source) func(*sdp.SessionDescription) (sfu.Offer, []wire.Source) {
	return func(desc *sdp.SessionDescription) (sfu.Offer, []wire.Source) {
		offer := sfu.Offer{Sources: map[sfu.Source]string{}}
		var live []wire.Source
		for kind, source := range map[string]sfu.Source{"audio": audio, "video": video} {
			if mids := midsOf(desc, kind, false); len(mids) > 0 {
				offer.Sources[source] = mids[0]
				live = append(live, wire.Source(source.String()))
			}
		}
		return offer, live
	}
}

// playerOffer gives a player's sounds to whoever talks, and its pictures to what
// matters most.
func playerOffer(desc *sdp.SessionDescription) (sfu.Offer, []wire.Source) {
	offer := sfu.Offer{Sources: map[sfu.Source]string{}, Ears: midsOf(desc, "audio", true)}
	for _, mid := range midsOf(desc, "video", true) {
		offer.Seats = append(offer.Seats, sfu.SeatMIDs{Video: mid})
	}
	return offer, nil
}
