// zitadel-go against a running server: service users sign in with the key files that they were given (JWT profile) and call the API
// over gRPC; an API of a project has the tokens that reach it introspected. What the tests need is made through the SDK too.
package zitadelgo

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	keyfile "github.com/zitadel/oidc/v3/pkg/client"
	"github.com/zitadel/oidc/v3/pkg/client/profile"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/zitadel-go/v3/pkg/authorization"
	"github.com/zitadel/zitadel-go/v3/pkg/authorization/oauth"
	"github.com/zitadel/zitadel-go/v3/pkg/client"
	"github.com/zitadel/zitadel-go/v3/pkg/client/middleware"
	"github.com/zitadel/zitadel-go/v3/pkg/client/zitadel/admin"
	"github.com/zitadel/zitadel-go/v3/pkg/client/zitadel/app"
	"github.com/zitadel/zitadel-go/v3/pkg/client/zitadel/auth"
	"github.com/zitadel/zitadel-go/v3/pkg/client/zitadel/authn"
	"github.com/zitadel/zitadel-go/v3/pkg/client/zitadel/management"
	"github.com/zitadel/zitadel-go/v3/pkg/client/zitadel/user"
	userv2 "github.com/zitadel/zitadel-go/v3/pkg/client/zitadel/user/v2"
	"github.com/zitadel/zitadel-go/v3/pkg/zitadel"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

var (
	ctx    context.Context // of the organization of these tests, for the owner
	org    string
	server *zitadel.Zitadel
	owner  *client.Client
)

func TestMain(m *testing.M) {
	if err := begin(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func begin() error {
	base, err := url.Parse(os.Getenv("GODWIT_BASE"))
	if err != nil {
		return err
	}
	port, err := strconv.ParseUint(base.Port(), 10, 16)
	if err != nil {
		return err
	}
	reach := zitadel.WithPort(uint16(port))
	if base.Scheme == "http" {
		reach = zitadel.WithInsecure(base.Port())
	}
	server = zitadel.New(base.Hostname(), reach)
	token, err := os.ReadFile(os.Getenv("GODWIT_ADMIN_PAT"))
	if err != nil {
		return err
	}
	if owner, err = client.New(context.Background(), server, client.WithAuth(client.PAT(strings.TrimSpace(string(token))))); err != nil {
		return err
	}
	made, err := owner.ManagementService().AddOrg(context.Background(), &management.AddOrgRequest{Name: "Beside zitadel-go " + unique()})
	if err != nil {
		return err
	}
	org = made.GetId()
	ctx = middleware.SetOrgID(context.Background(), org)
	return nil
}

func unique() string { return strconv.FormatInt(time.Now().UnixNano(), 36) }

// must ends the program where what a test needs does not work.
func must[T any](answer T, err error) T {
	if err != nil {
		panic(err)
	}
	return answer
}

// robot makes a service user of the organization and its key file.
func robot(t *testing.T, tokens user.AccessTokenType) (id, path string) {
	t.Helper()
	id = must(owner.ManagementService().AddMachineUser(ctx,
		&management.AddMachineUserRequest{UserName: "robot-" + unique(), Name: "Robot", AccessTokenType: tokens})).GetUserId()
	key := must(owner.ManagementService().AddMachineKey(ctx,
		&management.AddMachineKeyRequest{UserId: id, Type: authn.KeyType_KEY_TYPE_JSON}))
	return id, write(t, key.GetKeyDetails())
}

func write(t *testing.T, key []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key.json")
	if err := os.WriteFile(path, key, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// as answers the SDK's client of the service user whose key file it is. The SDK asks for a token for each call.
func as(path string, scopes ...string) *client.Client {
	return must(client.New(context.Background(), server,
		client.WithAuth(client.DefaultServiceUserAuthentication(path, append([]string{oidc.ScopeOpenID, client.ScopeZitadelAPI()}, scopes...)...))))
}

func wants(t *testing.T, want codes.Code, err error) {
	t.Helper()
	if status.Code(err) != want {
		t.Fatalf("%v, not %v", err, want)
	}
}

func TestServiceUserCallsTheApi(t *testing.T) {
	for name, tokens := range map[string]user.AccessTokenType{
		"opaque": user.AccessTokenType_ACCESS_TOKEN_TYPE_BEARER, "JWT": user.AccessTokenType_ACCESS_TOKEN_TYPE_JWT} {
		t.Run(name, func(t *testing.T) {
			id, path := robot(t, tokens)
			robots := as(path)
			me := must(robots.AuthService().GetMyUser(context.Background(), &auth.GetMyUserRequest{}))
			if me.GetUser().GetId() != id || me.GetUser().GetMachine().GetName() != "Robot" {
				t.Fatal(me)
			}
			_, err := robots.ManagementService().AddProject(context.Background(), &management.AddProjectRequest{Name: "early"})
			wants(t, codes.PermissionDenied, err)

			must(owner.ManagementService().AddOrgMember(ctx, &management.AddOrgMemberRequest{UserId: id, Roles: []string{"ORG_OWNER"}}))
			mine := must(robots.ManagementService().GetMyOrg(context.Background(), &management.GetMyOrgRequest{}))
			if mine.GetOrg().GetId() != org {
				t.Fatal(mine)
			}
			must(robots.ManagementService().AddProject(context.Background(), &management.AddProjectRequest{Name: "now " + unique()}))
			found := must(robots.UserServiceV2().GetUserByID(context.Background(), &userv2.GetUserByIDRequest{UserId: id}))
			if found.GetUser().GetDetails().GetResourceOwner() != org {
				t.Fatal(found)
			}
			_, err = robots.AdminService().ListIAMMembers(context.Background(), &admin.ListIAMMembersRequest{})
			wants(t, codes.PermissionDenied, err)
		})
	}
}

func TestServiceUserOfTheInstanceChoosesTheOrganization(t *testing.T) {
	id, path := robot(t, user.AccessTokenType_ACCESS_TOKEN_TYPE_JWT)
	must(owner.AdminService().AddIAMMember(ctx, &admin.AddIAMMemberRequest{UserId: id, Roles: []string{"IAM_OWNER"}}))
	other := must(owner.ManagementService().AddOrg(ctx, &management.AddOrgRequest{Name: "Another " + unique()})).GetId()
	robots := as(path)
	members := must(robots.AdminService().ListIAMMembers(context.Background(), &admin.ListIAMMembersRequest{}))
	if !strings.Contains(members.String(), id) {
		t.Fatal(members)
	}
	there := middleware.SetOrgID(context.Background(), other)
	if mine := must(robots.ManagementService().GetMyOrg(there, &management.GetMyOrgRequest{})); mine.GetOrg().GetId() != other {
		t.Fatal(mine)
	}
}

func TestKeyIsGoodUntilItIsRemoved(t *testing.T) {
	id, path := robot(t, user.AccessTokenType_ACCESS_TOKEN_TYPE_BEARER)
	robots := as(path)
	must(robots.AuthService().GetMyUser(context.Background(), &auth.GetMyUserRequest{}))
	key := must(keyfile.ConfigFromKeyFile(path))
	must(owner.ManagementService().RemoveMachineKey(ctx, &management.RemoveMachineKeyRequest{UserId: id, KeyId: key.KeyID}))
	if _, err := robots.AuthService().GetMyUser(context.Background(), &auth.GetMyUserRequest{}); err == nil || !strings.Contains(err.Error(), "invalid_grant") {
		t.Fatalf("a key that was removed: %v", err)
	}
}

// The signature of another's key: what is refused is the token, not the call.
func TestKeySignsForItsUserOnly(t *testing.T) {
	id, _ := robot(t, user.AccessTokenType_ACCESS_TOKEN_TYPE_BEARER)
	_, path := robot(t, user.AccessTokenType_ACCESS_TOKEN_TYPE_BEARER)
	stolen := must(keyfile.ConfigFromKeyFile(path))
	source := must(profile.NewJWTProfileTokenSource(context.Background(), server.Origin(), id, stolen.KeyID, []byte(stolen.Key), []string{oidc.ScopeOpenID}))
	_, err := source.Token()
	var refused *oidc.Error
	if !errors.As(err, &refused) || refused.ErrorType != oidc.InvalidGrant {
		t.Fatal(err)
	}
}

// An API that authenticates with a key file of its own asks who calls it, and with which roles.
func TestApiIntrospectsByItsKey(t *testing.T) {
	project := must(owner.ManagementService().AddProject(ctx, &management.AddProjectRequest{Name: "API " + unique()})).GetId()
	must(owner.ManagementService().AddProjectRole(ctx, &management.AddProjectRoleRequest{ProjectId: project, RoleKey: "editor", DisplayName: "Editor"}))
	api := must(owner.ManagementService().AddAPIApp(ctx, &management.AddAPIAppRequest{
		ProjectId: project, Name: "orders", AuthMethodType: app.APIAuthMethodType_API_AUTH_METHOD_TYPE_PRIVATE_KEY_JWT}))
	apiKey := must(owner.ManagementService().AddAppKey(ctx,
		&management.AddAppKeyRequest{ProjectId: project, AppId: api.GetAppId(), Type: authn.KeyType_KEY_TYPE_JSON}))
	authorizer := must(authorization.New(context.Background(), server, oauth.DefaultAuthorization(write(t, apiKey.GetKeyDetails()))))

	id, path := robot(t, user.AccessTokenType_ACCESS_TOKEN_TYPE_BEARER)
	must(owner.ManagementService().AddUserGrant(ctx, &management.AddUserGrantRequest{UserId: id, ProjectId: project, RoleKeys: []string{"editor"}}))
	bearer := func(scopes ...string) string {
		t.Helper()
		source := must(profile.NewJWTProfileTokenSourceFromKeyFile(context.Background(), server.Origin(), path, append(scopes, oidc.ScopeOpenID)))
		token, err := source.Token()
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + token.AccessToken
	}
	known := bearer(client.ScopeProjectID(project), "urn:zitadel:iam:org:projects:roles")
	caller := must(authorizer.CheckAuthorization(ctx, known, authorization.WithRole("editor")))
	if caller.UserID() != id || !caller.IsGrantedRoleInOrganization("editor", org) {
		t.Fatalf("%+v", caller)
	}
	_, err := authorizer.CheckAuthorization(ctx, known, authorization.WithRole("owner"))
	if !errors.Is(err, authorization.ErrMissingRole) {
		t.Fatal(err)
	}
	for what, token := range map[string]string{"for another audience": bearer(client.ScopeZitadelAPI()), "made up": "Bearer nothing"} {
		if _, err := authorizer.CheckAuthorization(ctx, token); !errors.Is(err, &authorization.UnauthorizedErr{}) {
			t.Fatalf("a token %s: %v", what, err)
		}
	}
}
