// Handlers as users write them.

export const context = async (event, context) => ({ event, arn: context.invokedFunctionArn });

export const fails = async () => {
  throw new TypeError("no way");
};

export const streams = awslambda.streamifyResponse(async (event, stream) => {
  const out = awslambda.HttpResponseStream.from(stream, { statusCode: 203, headers: { "X-Kind": "stream" } });
  for (const word of ["one ", "two ", "three"]) {
    out.write(word);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  out.end();
});

export const breaksOff = awslambda.streamifyResponse(async (event, stream) => {
  stream.write("half");
  await new Promise((resolve) => setTimeout(resolve, 5));
  throw new Error("half way");
});
