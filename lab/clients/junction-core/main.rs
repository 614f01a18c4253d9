//! A real client of junction-core in a process of its own. It takes the addresses of a Kubernetes service from it, and calls
//! them. It reads its bootstrap from the environment and obeys commands that come as lines of JSON; lab/clients/README.md
//! describes them.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::{Buf, BufMut, Bytes};
use http::uri::PathAndQuery;
use junction_api::backend::{Backend, LbPolicy};
use junction_api::Service;
use junction_core::{Client, Url};
use serde_json::{json, Map, Value};
use tokio::io::{stdin, AsyncBufReadExt, BufReader};
use tokio::sync::mpsc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Messages as they are.
#[derive(Clone, Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Raw;
    type Decoder = Raw;

    fn encoder(&mut self) -> Raw {
        Raw
    }

    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

/// A service, and the client that knows where it is.
#[derive(Clone)]
struct Found {
    client: Client,
    url: Url,
}

/// One call. The answer is the name of the back end that has answered.
async fn call(service: &Found, deadline: Duration) -> Result<String, Status> {
    let asked = async {
        let headers = http::HeaderMap::new();
        let found = service.client.resolve_http(&http::Method::GET, &service.url, &headers).await;
        let address = found.map_err(|reason| Status::unavailable(reason.to_string()))?.addr();
        let endpoint = Endpoint::from_shared(format!("http://{address}"));
        let channel: Channel = endpoint.map_err(|reason| Status::internal(reason.to_string()))?.connect_lazy();
        let mut client = tonic::client::Grpc::new(channel);
        client.ready().await.map_err(|reason| Status::unavailable(format!("{reason:?}")))?;
        let path = PathAndQuery::from_static("/lab.Echo/Who");
        client.unary(Request::new(Bytes::new()), path, Raw).await
    };
    match tokio::time::timeout(deadline, asked).await {
        Ok(answer) => Ok(String::from_utf8_lossy(answer?.get_ref()).into_owned()),
        Err(_) => Err(Status::deadline_exceeded("no answer")),
    }
}

/// So many calls, some of them at a time, and what came of them.
async fn calls(service: Found, command: &Value) -> Value {
    let number = |key: &str, default: u64| command[key].as_u64().unwrap_or(default);
    let (count, parallel) = (number("count", 1), number("parallel", 1));
    let deadline = Duration::from_millis(number("deadline", 5_000));
    let (sender, mut results) = mpsc::unbounded_channel();
    for worker in 0..parallel {
        let (service, sender) = (service.clone(), sender.clone());
        tokio::task::spawn_local(async move {
            for _ in (worker..count).step_by(parallel as usize) {
                let started = Instant::now();
                let result = call(&service, deadline).await;
                let _ = sender.send((result, started.elapsed().as_millis() as u64));
            }
        });
    }
    drop(sender);
    let (mut ok, mut failed, mut slowest) = (0, 0, 0);
    let (mut by_backend, mut failures) = (Map::new(), Vec::new());
    while let Some((result, took)) = results.recv().await {
        slowest = slowest.max(took);
        match result {
            Ok(name) => {
                ok += 1;
                let before = by_backend.get(&name).and_then(Value::as_u64).unwrap_or(0);
                by_backend.insert(name, json!(before + 1));
            }
            Err(status) => {
                failed += 1;
                if failures.len() < 10 {
                    failures.push(format!("after {took} ms: {:?}: {}", status.code(), status.message()));
                }
            }
        }
    }
    json!({ "ok": ok, "failed": failed, "byBackend": by_backend, "failures": failures, "slowest": slowest })
}

/// The service by its name with a port, `NAME.NAMESPACE.svc.cluster.local:80`: that is how junction-core asks for it.
fn find(client: &Client, known: &mut HashMap<String, Found>, name: &str) -> Result<Found, Failure> {
    if let Some(found) = known.get(name) {
        return Ok(found.clone());
    }
    let host = name.trim_end_matches(":80");
    let mut parts = host.split('.');
    let (service, namespace) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let backend = Backend { id: Service::kube(namespace, service)?.as_backend_id(80), lb: LbPolicy::RoundRobin };
    let client = client.clone().with_static_config(vec![], vec![backend]);
    let found = Found { client, url: format!("http://{host}").parse()? };
    known.insert(name.to_owned(), found.clone());
    Ok(found)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    tokio::task::LocalSet::new().run_until(obey()).await
}

async fn obey() -> Result<(), Failure> {
    let bootstrap: Value = serde_json::from_str(&std::env::var("GRPC_XDS_BOOTSTRAP_CONFIG")?)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let server = text(&bootstrap["xds_servers"][0]["server_uri"]);
    let built = Client::build(server, text(&bootstrap["node"]["id"]), "lab".to_owned()).await;
    let client = built.map_err(|reason| reason.to_string())?;
    let mut known = HashMap::new();
    let mut lines = BufReader::new(stdin()).lines();
    // The program ends with its input, so that it outlives no test.
    while let Some(line) = lines.next_line().await? {
        let command: Value = serde_json::from_str(&line)?;
        let id = command["id"].clone();
        let service = command["service"].as_str().unwrap_or_default();
        match (command["do"].as_str(), find(&client, &mut known, service)) {
            (Some("calls"), Ok(found)) => {
                tokio::task::spawn_local(async move {
                    let tally = calls(found, &command).await;
                    println!("{}", json!({ "id": id, "tally": tally }));
                });
            }
            (Some("calls"), Err(reason)) => println!("{}", json!({ "id": id, "error": reason.to_string() })),
            _ => println!("{}", json!({ "id": id, "error": "the only command is calls" })),
        }
    }
    Ok(())
}
