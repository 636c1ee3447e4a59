// A handler as users write it.
package main

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Mode string `json:"mode"`
}

func handle(ctx context.Context, e event) (any, error) {
	switch e.Mode {
	case "fail":
		return nil, errors.New("no way")
	case "panic":
		panic("all is lost")
	case "stream":
		return strings.NewReader("one two three"), nil
	case "break":
		return io.MultiReader(strings.NewReader("half"), failing{}), nil
	}
	lc, _ := lambdacontext.FromContext(ctx)
	return map[string]string{"arn": lc.InvokedFunctionArn, "request": lc.AwsRequestID}, nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("half way") }

func main() { lambda.Start(handle) }
