/** What `fingerpost init` writes: valid as it is, and valid with any of its examples made live. */
export const FIRST_CONFIG = `# A config of Fingerpost. It is read again whenever it is saved; a mistake is reported and changes nothing.
#   fingerpost validate fingerpost.yaml             # check it
#   fingerpost serve --config fingerpost.yaml       # serve it
#   fingerpost validate --json-schema               # for editors: every key, with its meaning and default

# Where Envoys and gRPC clients connect. There is no TLS yet: beyond this machine only in a network that you trust.
xds:
  listen: 127.0.0.1:18000

# The admin API: fingerpost services, fingerpost status, /metrics, /healthz, /readyz.
admin:
  listen: 127.0.0.1:18001

# Each service is a name that clients ask for, and where its endpoints are found. Remove the # of what you need.
services:
  # An address and port.
  hello: 127.0.0.1:8081

  # A name, followed as DNS changes.
  # legacy: dns:///legacy.internal:8080

  # A Service of Kubernetes and its port, followed as pods come and go.
  # checkout: k8s:///shop/checkout:http

  # A service of Consul, with the health of its checks.
  # billing: consul:///billing

  # A service that Nomad registers itself.
  # stock: nomad:///stock

  # The keys of a prefix in etcd.
  # ledger: etcd:///services/ledger/

  # The containers of a Compose service, of the Docker engine on this machine.
  # cart: docker:///cart:8080

  # A list that a web server gives, asked for again and again.
  # fleet: sd+https://inventory.internal/fleet.json

  # A list of endpoints in a file that something else writes.
  # batch: file:///etc/endpoints/batch.yaml

  # Endpoints with weights: 8081 gets two of three requests. An endpoint that is draining gets no new ones.
  # web:
  #   protocol: http1 # or http2, grpc
  #   endpoints:
  #     - 127.0.0.1:8081
  #     - {address: "127.0.0.1:8082", weight: 50}
  #     - {address: "127.0.0.1:8083", health: draining}

  # Several targets: the second one only while the first has too few healthy endpoints.
  # search:
  #   targets:
  #     - k8s:///search/search:http
  #     - {target: "dns:///search.backup.internal:8080", priority: 1}

# Settings of the providers, where the defaults do not do.
# providers:
#   dns: {servers: ["127.0.0.1:53"]}
#   kubernetes: {kubeconfig: ~/.kube/config, context: prod}
`;
