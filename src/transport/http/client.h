// Calls to another HTTP server, one at a time: what the command line asks a running server. Certificates are verified, redirects are not
// followed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace godwit::http {

struct ClientOptions {
    std::string base_url;      ///< "https://id.example.com": scheme, host, port, perhaps a path
    Secret token = {};         ///< sent as Bearer; "": none
    std::string ca_file = {};  ///< PEM of the authorities to believe; "": the system's
};

struct ClientRequest {
    std::string path;  ///< behind base_url
    std::string content_type;
    std::string body = {};
    /// In place of `body`: pieces (none empty) until nullopt; asked as the server takes them. Not asked any more once there is an answer.
    std::function<std::optional<std::string>()> pieces = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
};

struct ClientResponse {
    int status = 0;
    std::string content_type;
    std::string body;
};

class Client {
public:
    /// invalid_argument HTTP-Url01 for what is no http:// or https:// URL.
    static Result<std::unique_ptr<Client>> make(ClientOptions options);
    virtual ~Client() = default;

    /// Any answer is a success here. Errors: unavailable HTTP-Conn1 (host, connection, certificate; the message says which),
    /// resource_exhausted (an answer of more than 64 MiB).
    virtual Result<ClientResponse> post(const ClientRequest& request) = 0;
};

}  // namespace godwit::http
