// Prints the newest calls of a number, then each call that is over as it ends.
//
//	calls -ca ca.pem -token ann.token -number 101 collector:4700
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	pb "callbraid/v1"
)

// bearer sends an API token with each call, over TLS only.
type bearer string

func (token bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(token)}, nil
}

func (bearer) RequireTransportSecurity() bool { return true }

func dial(address, ca, tokenFile string) (*grpc.ClientConn, error) {
	if ca == "" { // A collector that runs with --insecure.
		return grpc.Dial(address, grpc.WithInsecure())
	}
	authority, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("%s: no certificate", ca)
	}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: roots}))}
	if tokenFile != "" {
		token, err := os.ReadFile(tokenFile)
		if err != nil {
			return nil, err
		}
		options = append(options,
			grpc.WithPerRPCCredentials(bearer(strings.TrimSpace(string(token)))))
	}
	return grpc.Dial(address, options...)
}

func show(call *pb.Call) {
	fmt.Println(call.Id, call.StartTime.AsTime().Format("2006-01-02T15:04:05Z"), call.Caller,
		call.Callee, strings.ToLower(strings.TrimPrefix(call.State.String(), "CALL_STATE_")))
}

func isOver(call *pb.Call) bool {
	return call.State == pb.CallState_CALL_STATE_COMPLETED ||
		call.State == pb.CallState_CALL_STATE_UNANSWERED
}

func main() {
	ca := flag.String("ca", "", "authorities of the collector's certificate")
	token := flag.String("token", "", "a file with an API token")
	number := flag.String("number", "", "the beginning of a number")
	watch := flag.Bool("watch", false, "go on with calls as they end")
	flag.Parse()
	connection, err := dial(flag.Arg(0), *ca, *token)
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	service := pb.NewCallServiceClient(connection)

	page, err := service.ListCalls(context.Background(),
		&pb.ListCallsRequest{NumberPrefix: *number, PageSize: 20})
	if err != nil {
		log.Fatal(err)
	}
	for _, call := range page.Calls {
		show(call)
	}
	if !*watch {
		return
	}
	changes, err := service.WatchCalls(context.Background(), &pb.WatchCallsRequest{})
	if err != nil {
		log.Fatal(err)
	}
	for {
		change, err := changes.Recv()
		if err == io.EOF {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
		if isOver(change.Call) {
			show(change.Call)
		}
	}
}
