// golang.org/x/oauth2 and go-oidc against a running server: a person signs in through the pages, tokens are checked by the published keys.
package oidcgo

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

var (
	ctx      = context.Background()
	provider *oidc.Provider
)

func TestMain(m *testing.M) {
	var err error
	if provider, err = oidc.NewProvider(ctx, os.Getenv("OIDC_ISSUER")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func web(scopes ...string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: os.Getenv("OIDC_CLIENT_ID"), ClientSecret: os.Getenv("OIDC_CLIENT_SECRET"), RedirectURL: os.Getenv("OIDC_REDIRECT_URI"),
		Endpoint: provider.Endpoint(), Scopes: append([]string{oidc.ScopeOpenID}, scopes...),
	}
}

func public(scopes ...string) *oauth2.Config {
	config := web(scopes...)
	config.ClientID, config.ClientSecret = os.Getenv("OIDC_PUBLIC_CLIENT_ID"), ""
	return config
}

func random() string {
	bytes := make([]byte, 24)
	if _, err := rand.Read(bytes); err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(bytes)
}

// visit goes to an address as the person would; it answers the parameters that came back to the address `back`.
func visit(t *testing.T, to, back string) url.Values {
	t.Helper()
	said, err := exec.Command("python3", os.Getenv("OIDC_PERSON"), to, back).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, err.(*exec.ExitError).Stderr)
	}
	answer, err := url.Parse(strings.TrimSpace(string(said)))
	if err != nil {
		t.Fatal(err)
	}
	return answer.Query()
}

// signIn answers the tokens and the checked ID token.
func signIn(t *testing.T, config *oauth2.Config) (*oauth2.Token, *oidc.IDToken) {
	t.Helper()
	state, nonce, verifier := random(), random(), oauth2.GenerateVerifier()
	answer := visit(t, config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), config.RedirectURL)
	if answer.Get("state") != state || answer.Get("iss") != os.Getenv("OIDC_ISSUER") {
		t.Fatalf("the answer is not of this request: %v", answer)
	}
	token, err := config.Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	idToken, err := provider.Verifier(&oidc.Config{ClientID: config.ClientID}).Verify(ctx, token.Extra("id_token").(string))
	if err != nil {
		t.Fatal(err)
	}
	if idToken.Nonce != nonce {
		t.Fatalf("nonce %q, not %q", idToken.Nonce, nonce)
	}
	if err := idToken.VerifyAccessToken(token.AccessToken); err != nil {
		t.Fatal(err)
	}
	return token, idToken
}

// refused fails unless err is the endpoint's error of this code.
func refused(t *testing.T, err error, code string) {
	t.Helper()
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) || answer.ErrorCode != code {
		t.Fatalf("wanted %s, got %v", code, err)
	}
}

func TestPersonSignsIn(t *testing.T) {
	secretInBody := web("profile", "email")
	secretInBody.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	for name, config := range map[string]*oauth2.Config{"basic": web("profile", "email"), "post": secretInBody, "public": public("profile", "email")} {
		t.Run(name, func(t *testing.T) {
			token, idToken := signIn(t, config)
			if idToken.Subject != os.Getenv("OIDC_SUBJECT") {
				t.Fatalf("subject %q", idToken.Subject)
			}
			info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
			if err != nil {
				t.Fatal(err)
			}
			var claims struct{ Name string }
			if err := info.Claims(&claims); err != nil || claims.Name != "Ada Lovelace" || info.Subject != idToken.Subject || !info.EmailVerified {
				t.Fatalf("%v %+v %+v", err, info, claims)
			}
		})
	}
}

func TestCodeIsGoodOnceAndWithItsVerifierOnly(t *testing.T) {
	config, verifier := public(), oauth2.GenerateVerifier()
	code := visit(t, config.AuthCodeURL("s", oauth2.S256ChallengeOption(verifier)), config.RedirectURL).Get("code")
	_, err := config.Exchange(ctx, code, oauth2.VerifierOption(oauth2.GenerateVerifier()))
	refused(t, err, "invalid_grant")

	code = visit(t, config.AuthCodeURL("s", oauth2.S256ChallengeOption(verifier)), config.RedirectURL).Get("code")
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	_, err = config.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	refused(t, err, "invalid_grant")
	if _, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token)); err == nil {
		t.Fatal("what a code got that was used twice is still good")
	}
}

func TestTokensAreRefreshed(t *testing.T) {
	config := web(oidc.ScopeOfflineAccess)
	first, _ := signIn(t, config)
	// A token that has expired: the token source refreshes by itself.
	expired := *first
	expired.Expiry = time.Now().Add(-time.Minute)
	second, err := config.TokenSource(ctx, &expired).Token()
	if err != nil {
		t.Fatal(err)
	}
	if second.AccessToken == first.AccessToken || second.RefreshToken == first.RefreshToken {
		t.Fatal("nothing is new")
	}
	idToken, err := provider.Verifier(&oidc.Config{ClientID: config.ClientID}).Verify(ctx, second.Extra("id_token").(string))
	if err != nil || idToken.Subject != os.Getenv("OIDC_SUBJECT") {
		t.Fatalf("%v %+v", err, idToken)
	}
	if _, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(second)); err != nil {
		t.Fatal(err)
	}
	other := public(oidc.ScopeOfflineAccess)
	_, err = other.TokenSource(ctx, &oauth2.Token{RefreshToken: second.RefreshToken}).Token()
	refused(t, err, "invalid_grant")
}

func TestApiChecksMachinesTokenByTheKeys(t *testing.T) {
	project := os.Getenv("OIDC_PROJECT")
	machine := clientcredentials.Config{
		ClientID: os.Getenv("OIDC_MACHINE_CLIENT_ID"), ClientSecret: os.Getenv("OIDC_MACHINE_CLIENT_SECRET"), TokenURL: provider.Endpoint().TokenURL,
		Scopes: []string{"urn:zitadel:iam:org:project:id:" + project + ":aud"},
	}
	token, err := machine.Token(ctx)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := provider.Verifier(&oidc.Config{ClientID: project}).Verify(ctx, token.AccessToken)
	if err != nil || claims.Subject != os.Getenv("OIDC_MACHINE_SUBJECT") {
		t.Fatalf("%v %+v", err, claims)
	}
	if _, err := provider.Verifier(&oidc.Config{ClientID: "another"}).Verify(ctx, token.AccessToken); err == nil {
		t.Fatal("a token is good for an API that it is not meant for")
	}
	machine.ClientSecret = "wrong"
	_, err = machine.Token(ctx)
	refused(t, err, "invalid_client")
}

func TestDeviceWithoutBrowser(t *testing.T) {
	var metadata struct {
		DeviceAuthorization string `json:"device_authorization_endpoint"`
	}
	if err := provider.Claims(&metadata); err != nil {
		t.Fatal(err)
	}
	device := public("profile")
	device.Endpoint.DeviceAuthURL = metadata.DeviceAuthorization
	asked, err := device.DeviceAuth(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command("python3", os.Getenv("OIDC_PERSON"), asked.VerificationURIComplete).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	token, err := device.DeviceAccessToken(ctx, asked)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token)); err != nil || info.Subject != os.Getenv("OIDC_SUBJECT") {
		t.Fatalf("%v %+v", err, info)
	}
}

func TestPersonSignsOut(t *testing.T) {
	var metadata struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := provider.Claims(&metadata); err != nil {
		t.Fatal(err)
	}
	token, _ := signIn(t, web())
	back := os.Getenv("OIDC_POST_LOGOUT_URI")
	out := url.Values{"id_token_hint": {token.Extra("id_token").(string)}, "post_logout_redirect_uri": {back}, "state": {"s1"}}
	if state := visit(t, metadata.EndSession+"?"+out.Encode(), back).Get("state"); state != "s1" {
		t.Fatalf("state %q", state)
	}
}
