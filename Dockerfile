# The images that ./mvnw package -Pimages packs with Jib, by a container tool: the same files, modes, user, environment and entrypoint
# (images/compare shows it).
#
#   ./mvnw package -Pimages -Dquick          lays out images/target/runtime and one folder for each image
#   docker build --target operator --tag registry.example/tidemill/operator:1 .
#   buildah build --target dataflow --tag registry.example/tidemill/dataflow:1 .
#
# BASE may be any image; the runtime brings its own C library.
ARG BASE=scratch

FROM ${BASE} AS runtime
COPY images/target/runtime/ /
ENV PATH=/opt/java/bin LANG=C.UTF-8
EXPOSE 8080

FROM runtime AS dataflow
COPY images/target/dataflow/ /
WORKDIR /app
USER 65532:65532
ENTRYPOINT ["/opt/java/bin/java", "-XX:MaxRAMPercentage=70", "-XX:+ExitOnOutOfMemoryError", "--enable-native-access=ALL-UNNAMED", "-XX:AOTCache=/app/app.aot", "-XX:+UseSerialGC", "--add-modules=jdk.incubator.vector", "-Dquarkus.log.console.json.enabled=true", "-jar", "/app/quarkus-run.jar"]

FROM runtime AS operator
COPY images/target/operator/ /
WORKDIR /app
USER 65532:65532
ENTRYPOINT ["/opt/java/bin/java", "-XX:MaxRAMPercentage=50", "-XX:+ExitOnOutOfMemoryError", "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+UseCompactObjectHeaders", "-jar", "/app/quarkus-run.jar"]

FROM runtime AS lambda
COPY images/target/lambda/ /
WORKDIR /app
USER 65532:65532
ENTRYPOINT ["/opt/java/bin/java", "-XX:MaxRAMPercentage=50", "-XX:+ExitOnOutOfMemoryError", "--enable-native-access=ALL-UNNAMED", "-XX:AOTCache=/app/app.aot", "-XX:+UseSerialGC", "-jar", "/app/tidemill-lambda.jar"]

FROM runtime AS gate
COPY images/target/gate/ /
WORKDIR /app
USER 65532:65532
ENTRYPOINT ["/opt/java/bin/java", "-XX:MaxRAMPercentage=50", "-XX:+ExitOnOutOfMemoryError", "--enable-native-access=ALL-UNNAMED", "-XX:AOTCache=/app/app.aot", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar", "/app/tidemill-gate.jar"]

FROM runtime AS model
COPY images/target/model/ /
WORKDIR /app
USER 65532:65532
ENTRYPOINT ["/opt/java/bin/java", "-XX:MaxRAMPercentage=25", "-XX:+ExitOnOutOfMemoryError", "--enable-native-access=ALL-UNNAMED", "-XX:AOTCache=/app/app.aot", "-XX:+UseSerialGC", "-XX:InitialRAMPercentage=12.5", "-XX:Tier4InvocationThreshold=50000", "-XX:Tier4MinInvocationThreshold=6000", "-XX:Tier4CompileThreshold=150000", "-XX:Tier4BackEdgeThreshold=400000", "--add-modules=jdk.incubator.vector", "-Dquarkus.log.console.json.enabled=true", "-jar", "/app/quarkus-run.jar"]

# For functions that bring a zip (spec.code): AWS' runtime interface clients.
FROM runtime AS lambda-java
COPY images/target/lambda-java/ /
ENV LAMBDA_TASK_ROOT=/var/task
WORKDIR /var/task
USER 65532:65532
ENTRYPOINT ["/opt/java/bin/java", "-XX:MaxRAMPercentage=70", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp", "/opt/tidemill/classes:/opt/tidemill/lib/*", "dev.tidemill.runtime.Start"]

FROM ${BASE} AS lambda-python
COPY images/target/lambda-python/ /
ENV PATH=/opt/python/bin PYTHONHOME=/opt/python PYTHONDONTWRITEBYTECODE=1 LANG=C.UTF-8 LAMBDA_TASK_ROOT=/var/task
WORKDIR /var/task
EXPOSE 8080
USER 65532:65532
ENTRYPOINT ["/opt/python/bin/python3", "-u", "/opt/tidemill/tidemill_start.py"]

FROM ${BASE} AS lambda-node
COPY images/target/lambda-node/ /
ENV PATH=/opt/node/bin LANG=C.UTF-8 LAMBDA_TASK_ROOT=/var/task
WORKDIR /var/task
EXPOSE 8080
USER 65532:65532
ENTRYPOINT ["/opt/node/bin/node", "/opt/tidemill/start.mjs"]
