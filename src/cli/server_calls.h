// Calls of a server's RPCs by the Connect protocol.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "transport/http/client.h"

namespace google::protobuf {
class Message;
}

namespace godwit::cli {

/// Of errors that the server answered.
inline constexpr std::string_view kRefusedByServer = "CLI-Srv02";

class ServerCalls {
public:
    static Result<std::unique_ptr<ServerCalls>> make(const http::ClientOptions& options);

    /// One request, one answer. `method` is "package.Service/Method". Errors: what the server answered, in its words; unavailable when it
    /// cannot be reached, or is something else than Godwit.
    Result<void> call(std::string_view method, const google::protobuf::Message& request, google::protobuf::Message& response);
    /// Requests until nullopt, one answer.
    Result<void> send(std::string_view method, const std::function<std::optional<std::string>()>& messages,
                      google::protobuf::Message& response);

private:
    ServerCalls(std::string url, std::unique_ptr<http::Client> client) : url_(std::move(url)), client_(std::move(client)) {}
    Error foreign(int status) const;
    Error refused(int status, std::string_view json) const;

    const std::string url_;
    const std::unique_ptr<http::Client> client_;
};

}  // namespace godwit::cli
