// grpc-go against a running server: no generated code, everything it knows of the messages it asks by reflection.
package rpcgo

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflection "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

const management = "zitadel.management.v1.ManagementService"

var (
	connection *grpc.ClientConn
	services   []string
	service    protoreflect.ServiceDescriptor
)

func TestMain(m *testing.M) {
	var err error
	target := strings.TrimPrefix(os.Getenv("GODWIT_BASE"), "http://")
	if connection, err = grpc.Dial(target, grpc.WithTransportCredentials(insecure.NewCredentials())); err == nil {
		err = reflect()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// reflect asks the server what it serves, and for the files that describe it.
func reflect() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	stream, err := reflection.NewServerReflectionClient(connection).ServerReflectionInfo(ctx)
	if err != nil {
		return err
	}
	ask := func(request *reflection.ServerReflectionRequest) (*reflection.ServerReflectionResponse, error) {
		if err := stream.Send(request); err != nil {
			return nil, err
		}
		return stream.Recv()
	}
	listed, err := ask(&reflection.ServerReflectionRequest{MessageRequest: &reflection.ServerReflectionRequest_ListServices{}})
	if err != nil {
		return err
	}
	for _, one := range listed.GetListServicesResponse().GetService() {
		services = append(services, one.GetName())
	}
	files := map[string]*descriptorpb.FileDescriptorProto{}
	wanted := []*reflection.ServerReflectionRequest{
		{MessageRequest: &reflection.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: management}}}
	for len(wanted) > 0 {
		answer, err := ask(wanted[0])
		if err != nil {
			return err
		}
		wanted = wanted[1:]
		for _, bytes := range answer.GetFileDescriptorResponse().GetFileDescriptorProto() {
			file := &descriptorpb.FileDescriptorProto{}
			if err := proto.Unmarshal(bytes, file); err != nil {
				return err
			}
			files[file.GetName()] = file
			for _, needed := range file.GetDependency() {
				if _, known := files[needed]; !known {
					wanted = append(wanted, &reflection.ServerReflectionRequest{
						MessageRequest: &reflection.ServerReflectionRequest_FileByFilename{FileByFilename: needed}})
				}
			}
		}
	}
	set := &descriptorpb.FileDescriptorSet{}
	for _, file := range files {
		set.File = append(set.File, file)
	}
	linked, err := protodesc.NewFiles(set)
	if err != nil {
		return err
	}
	found, err := linked.FindDescriptorByName(management)
	if err != nil {
		return err
	}
	service = found.(protoreflect.ServiceDescriptor)
	return nil
}

func token() string {
	bytes, err := os.ReadFile(os.Getenv("GODWIT_ADMIN_PAT"))
	if err != nil {
		panic(err)
	}
	return "Bearer " + strings.TrimSpace(string(bytes))
}

func authorized(more ...string) context.Context {
	return metadata.AppendToOutgoingContext(context.Background(), append([]string{"authorization", token()}, more...)...)
}

// call sends a request that is written as JSON, and answers JSON.
func call(ctx context.Context, method, request string, options ...grpc.CallOption) (string, error) {
	described := service.Methods().ByName(protoreflect.Name(method))
	in, out := dynamicpb.NewMessage(described.Input()), dynamicpb.NewMessage(described.Output())
	if err := protojson.Unmarshal([]byte(request), in); err != nil {
		return "", err
	}
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
	}
	err := connection.Invoke(ctx, "/"+management+"/"+method, in, out, options...)
	return strings.ReplaceAll(protojson.Format(out), ":  ", ": "), err
}

func succeed(t *testing.T, ctx context.Context, method, request string, options ...grpc.CallOption) string {
	t.Helper()
	answer, err := call(ctx, method, request, options...)
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return answer
}

func refused(t *testing.T, want codes.Code, ctx context.Context, method, request string, options ...grpc.CallOption) *status.Status {
	t.Helper()
	_, err := call(ctx, method, request, options...)
	got, _ := status.FromError(err)
	if got.Code() != want {
		t.Fatalf("%s: %v, not %v", method, err, want)
	}
	return got
}

func TestReflectionListsTheServices(t *testing.T) {
	all := strings.Join(services, " ") + " "
	for _, name := range []string{management, "grpc.health.v1.Health", "zitadel.user.v2.UserService"} {
		if !strings.Contains(all, name+" ") {
			t.Errorf("%s is not listed", name)
		}
	}
}

func TestMetadataChoosesTheOrganization(t *testing.T) {
	if mine := succeed(t, authorized(), "GetMyOrg", "{}"); !strings.Contains(mine, `"name": "ZITADEL"`) {
		t.Error(mine)
	}
	added := succeed(t, authorized(), "AddOrg", `{"name": "Beside grpc-go"}`)
	_, id, _ := strings.Cut(added, `"id": "`)
	id, _, _ = strings.Cut(id, `"`)
	if other := succeed(t, authorized("x-zitadel-orgid", id), "GetMyOrg", "{}"); !strings.Contains(other, `"name": "Beside grpc-go"`) {
		t.Error(other)
	}
}

func TestErrorsCarryTheContractsDetail(t *testing.T) {
	missing := refused(t, codes.NotFound, authorized(), "GetUserByID", `{"id": "nope"}`)
	if details := missing.Proto().GetDetails(); len(details) != 1 || details[0].GetTypeUrl() != "type.googleapis.com/zitadel.v1.ErrorDetail" {
		t.Error(details)
	}
	refused(t, codes.Unauthenticated, context.Background(), "GetMyOrg", "{}")
	refused(t, codes.InvalidArgument, authorized(), "GetUserByID", "{}")
	err := connection.Invoke(authorized(), "/"+management+"/Nope", dynamicpb.NewMessage(service.Methods().Get(0).Input()),
		dynamicpb.NewMessage(service.Methods().Get(0).Output()))
	if status.Code(err) != codes.Unimplemented {
		t.Error(err)
	}
}

func TestGzipBothWays(t *testing.T) {
	long := strings.Repeat("x", 190)
	for i := 0; i < 8; i++ {
		succeed(t, authorized(), "AddMachineUser", fmt.Sprintf(`{"userName": "go-%d", "name": "%s"}`, i, long), grpc.UseCompressor(gzip.Name))
	}
	if all := succeed(t, authorized(), "ListUsers", "{}", grpc.UseCompressor(gzip.Name)); strings.Count(all, long) < 8 {
		t.Error("not all are listed")
	}
	refused(t, codes.ResourceExhausted, authorized(), "AddMachineUser", `{"userName": "`+strings.Repeat("x", 64<<20)+`"}`,
		grpc.UseCompressor(gzip.Name))
}

func TestDeadlinesEndTheCall(t *testing.T) {
	ctx, cancel := context.WithTimeout(authorized(), time.Millisecond)
	defer cancel()
	refused(t, codes.DeadlineExceeded, ctx, "AddHumanUser", `{"userName": "go-late", "profile": {"firstName": "D", "lastName": "L"},
		"email": {"email": "go-late@example.com", "isEmailVerified": true}, "initialPassword": "Password1!"}`)
}

func TestHealthIsCheckedAndWatched(t *testing.T) {
	client := health.NewHealthClient(connection)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if answer, err := client.Check(ctx, &health.HealthCheckRequest{Service: management}); err != nil || answer.GetStatus() != health.HealthCheckResponse_SERVING {
		t.Error(answer, err)
	}
	watch, err := client.Watch(ctx, &health.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if first, err := watch.Recv(); err != nil || first.GetStatus() != health.HealthCheckResponse_SERVING {
		t.Error(first, err)
	}
}

func TestManyShareAConnection(t *testing.T) {
	var group sync.WaitGroup
	for i := 0; i < 16; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for n := 0; n < 20; n++ {
				if _, err := call(authorized(), "GetMyOrg", "{}"); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	group.Wait()
}
