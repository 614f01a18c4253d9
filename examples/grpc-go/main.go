// Calls a service by its name. Its endpoints, and the weight of each, come from Fingerpost.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/xds"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

func main() {
	service := "greeter"
	if len(os.Args) > 1 {
		service = os.Args[1]
	}
	channel, err := grpc.NewClient("xds:///"+service, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer channel.Close()
	for range 10 {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		// In a real program the generated client makes the calls.
		var name wrapperspb.StringValue
		if err := channel.Invoke(ctx, "/example.Greeter/Name", &emptypb.Empty{}, &name); err != nil {
			log.Fatal(err)
		}
		cancel()
		fmt.Println(name.Value)
	}
}
