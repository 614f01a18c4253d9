// A real gRPC client in C++ in a process of its own, which resolves xds:///NAME. It reads its bootstrap from the
// environment and obeys commands that come as lines of JSON; lab/clients/README.md describes them.
#include <chrono>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

using Clock = std::chrono::steady_clock;

namespace {

// The commands are flat objects of one line.
std::string Text(const std::string& line, const std::string& key) {
  std::smatch found;
  std::regex_search(line, found, std::regex("\"" + key + "\"\\s*:\\s*\"([^\"]*)\""));
  return found.empty() ? "" : found[1].str();
}

long Number(const std::string& line, const std::string& key, long otherwise) {
  std::smatch found;
  std::regex_search(line, found, std::regex("\"" + key + "\"\\s*:\\s*(\\d+)"));
  return found.empty() ? otherwise : std::stol(found[1].str());
}

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (unsigned char each : text) {
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\u%04x", each);
    if (each < 0x20 || each == '"' || each == '\\' || each > 0x7e)
      quoted += escaped;
    else
      quoted += static_cast<char>(each);
  }
  return quoted + "\"";
}

struct Tally {
  std::mutex lock;
  long ok = 0, failed = 0, slowest = 0;
  std::map<std::string, long> by_backend;
  std::vector<std::string> failures;

  void Count(const grpc::Status& status, const std::string& backend, long took) {
    std::lock_guard<std::mutex> guard(lock);
    slowest = std::max(slowest, took);
    if (status.ok()) {
      ok++;
      by_backend[backend]++;
      return;
    }
    failed++;
    if (failures.size() < 10) failures.push_back(std::to_string(status.error_code()) + ": " + status.error_message());
  }

  std::string Json() const {
    std::string text = "{\"ok\":" + std::to_string(ok) + ",\"failed\":" + std::to_string(failed) +
                       ",\"slowest\":" + std::to_string(slowest) + ",\"byBackend\":{";
    std::string comma;
    for (const auto& [name, count] : by_backend) {
      text += comma + Quoted(name) + ":" + std::to_string(count);
      comma = ",";
    }
    text += "},\"failures\":[";
    comma = "";
    for (const auto& failure : failures) {
      text += comma + Quoted(failure);
      comma = ",";
    }
    return text + "]}";
  }
};

void Call(const std::shared_ptr<grpc::Channel>& channel, long deadline, const std::string& user, Tally& tally) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(deadline));
  if (!user.empty()) context.AddMetadata("x-user", user);
  const auto started = Clock::now();
  grpc::CompletionQueue queue;
  grpc::Slice nothing("");
  grpc::ByteBuffer request(&nothing, 1), response;
  grpc::Status status;
  auto call = stub.PrepareUnaryCall(&context, "/lab.Echo/Who", request, &queue);
  call->StartCall();
  call->Finish(&response, &status, nullptr);
  void* tag;
  bool ok;
  queue.Next(&tag, &ok);
  std::string backend;
  std::vector<grpc::Slice> slices;
  if (status.ok() && response.Dump(&slices).ok())
    for (const auto& slice : slices) backend.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started).count();
  tally.Count(status, backend, took);
}

}  // namespace

int main() {
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels;
  std::string line;
  // The program ends with its input, so that it outlives no test.
  while (std::getline(std::cin, line)) {
    const std::string id = std::to_string(Number(line, "id", 0));
    if (Text(line, "do") != "calls") {
      std::cout << "{\"id\":" << id << ",\"error\":\"the only command is calls\"}" << std::endl;
      continue;
    }
    auto& channel = channels[Text(line, "service")];
    if (!channel) channel = grpc::CreateChannel("xds:///" + Text(line, "service"), grpc::InsecureChannelCredentials());
    const long count = Number(line, "count", 1), parallel = Number(line, "parallel", 1);
    const long deadline = Number(line, "deadline", 5000);
    const std::string user = Text(line, "user");
    Tally tally;
    std::vector<std::thread> workers;
    for (long worker = 0; worker < parallel; worker++) {
      workers.emplace_back([&, worker] {
        for (long i = worker; i < count; i += parallel) Call(channel, deadline, user, tally);
      });
    }
    for (auto& worker : workers) worker.join();
    std::cout << "{\"id\":" << id << ",\"tally\":" << tally.Json() << "}" << std::endl;
  }
  return 0;
}
