//! A real client of tonic-xds in a process of its own, which resolves xds:///NAME. It reads its bootstrap from the
//! environment and obeys commands that come as lines of JSON; lab/clients/README.md describes them.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::{Buf, BufMut, Bytes};
use http::uri::PathAndQuery;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use tokio::sync::mpsc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Request, Status};
use tonic_xds::{XdsChannelBuilder, XdsChannelConfig, XdsChannelGrpc, XdsUri};

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

/// One call. The answer is the name of the back end that has answered.
async fn call(channel: XdsChannelGrpc, deadline: Duration) -> Result<String, Status> {
    let mut client = tonic::client::Grpc::new(channel);
    let asked = async {
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
async fn calls(channel: XdsChannelGrpc, command: &Value) -> Value {
    let number = |key: &str, default: u64| command[key].as_u64().unwrap_or(default);
    let (count, parallel) = (number("count", 1), number("parallel", 1));
    let deadline = Duration::from_millis(number("deadline", 5_000));
    let (sender, mut results) = mpsc::unbounded_channel();
    for worker in 0..parallel {
        let (channel, sender) = (channel.clone(), sender.clone());
        tokio::task::spawn_local(async move {
            for _ in (worker..count).step_by(parallel as usize) {
                let started = Instant::now();
                let result = call(channel.clone(), deadline).await;
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

fn channel_of(channels: &mut HashMap<String, XdsChannelGrpc>, name: &str) -> Result<XdsChannelGrpc, Failure> {
    if let Some(channel) = channels.get(name) {
        return Ok(channel.clone());
    }
    let target = XdsUri::parse(&format!("xds:///{name}"))?;
    let channel = XdsChannelBuilder::new(XdsChannelConfig::new(target)).build_grpc_channel()?;
    channels.insert(name.to_owned(), channel.clone());
    Ok(channel)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    tokio::task::LocalSet::new().run_until(obey()).await
}

async fn obey() -> Result<(), Failure> {
    let mut channels = HashMap::new();
    let mut lines = BufReader::new(stdin()).lines();
    // The program ends with its input, so that it outlives no test.
    while let Some(line) = lines.next_line().await? {
        let command: Value = serde_json::from_str(&line)?;
        let id = command["id"].clone();
        let service = command["service"].as_str().unwrap_or_default();
        match (command["do"].as_str(), channel_of(&mut channels, service)) {
            (Some("calls"), Ok(channel)) => {
                tokio::task::spawn_local(async move {
                    let tally = calls(channel, &command).await;
                    println!("{}", json!({ "id": id, "tally": tally }));
                });
            }
            (Some("calls"), Err(reason)) => println!("{}", json!({ "id": id, "error": reason.to_string() })),
            _ => println!("{}", json!({ "id": id, "error": "the only command is calls" })),
        }
    }
    Ok(())
}
