#include "transport/http/client.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace godwit::http {
namespace {

constexpr std::size_t kMaxAnswer = 64u << 20;
constexpr long kConnectSeconds = 20;
constexpr long kUploadBuffer = 512L << 10;

struct FreeEasy {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// One call under way, as its callbacks see it.
struct Transfer {
    const ClientRequest& request;
    ClientResponse response;
    std::string piece;
    std::size_t sent = 0;  ///< of the piece
    bool answered = false, ended = false, too_long = false;
};

std::size_t read_piece(char* to, std::size_t size, std::size_t count, void* of) {
    auto& transfer = *static_cast<Transfer*>(of);
    if (transfer.sent == transfer.piece.size()) {
        auto next = transfer.answered || transfer.ended ? std::nullopt : transfer.request.pieces();
        transfer.ended = !next;
        if (transfer.ended) return 0;
        transfer.piece = *std::move(next);
        transfer.sent = 0;
    }
    const std::size_t taken = std::min(size * count, transfer.piece.size() - transfer.sent);
    std::memcpy(to, transfer.piece.data() + transfer.sent, taken);
    transfer.sent += taken;
    return taken;
}

std::size_t take_header(const char*, std::size_t size, std::size_t count, void* of) {
    static_cast<Transfer*>(of)->answered = true;
    return size * count;
}

std::size_t take_body(const char* bytes, std::size_t size, std::size_t count, void* of) {
    auto& transfer = *static_cast<Transfer*>(of);
    transfer.too_long = transfer.response.body.size() + size * count > kMaxAnswer;
    if (transfer.too_long) return 0;
    transfer.response.body.append(bytes, size * count);
    return size * count;
}

class CurlClient final : public Client {
public:
    explicit CurlClient(ClientOptions options) : options_(std::move(options)), curl_(curl_easy_init()) {}

    Result<ClientResponse> post(const ClientRequest& request) override {
        CURL* const curl = curl_.get();
        if (!curl) return fail(Code::unavailable, "HTTP-Conn1", "no memory for a connection");
        Transfer transfer{.request = request, .response = {}, .piece = {}};
        curl_easy_reset(curl);  // keeps the connection
        const std::string url = options_.base_url + request.path;
        char reason[CURL_ERROR_SIZE] = "";
        curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
        if (!options_.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options_.ca_file.c_str());
        const auto fields = fields_of(request);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields.get());
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        if (request.pieces) {
            curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
            curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_piece);
            curl_easy_setopt(curl, CURLOPT_READDATA, &transfer);
        } else {
            curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
            curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
        }
        curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);

        const CURLcode code = curl_easy_perform(curl);
        if (transfer.too_long) return fail(Code::resource_exhausted, "HTTP-Conn2", url + " answers without end");
        if (code != CURLE_OK) return fail(said(code, reason));
        long status = 0;
        const char* type = nullptr;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
        transfer.response.status = static_cast<int>(status);
        if (type) transfer.response.content_type = type;
        return std::move(transfer.response);
    }

private:
    std::unique_ptr<curl_slist, FreeList> fields_of(const ClientRequest& request) const {
        curl_slist* list = nullptr;
        const auto add = [&list](const std::string& line) { list = curl_slist_append(list, line.c_str()); };
        add("content-type: " + request.content_type);
        add("expect:");  // the server says early enough what it does not want
        if (request.pieces) add("transfer-encoding: chunked");
        if (!options_.token.empty()) add("authorization: Bearer " + std::string(options_.token.reveal()));
        for (const auto& [name, value] : request.headers) add(name + ": " + value);
        return std::unique_ptr<curl_slist, FreeList>(list);
    }

    Error said(CURLcode code, const char* reason) const {
        std::string message = "cannot reach " + options_.base_url + ": " + (*reason ? reason : curl_easy_strerror(code));
        if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
            message += " (for an authority of your own, name its certificate)";
        return {Code::unavailable, "HTTP-Conn1", std::move(message)};
    }

    const ClientOptions options_;
    const std::unique_ptr<CURL, FreeEasy> curl_;
};

}  // namespace

Result<std::unique_ptr<Client>> Client::make(ClientOptions options) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (ready != CURLE_OK) return fail(Code::unavailable, "HTTP-Conn1", curl_easy_strerror(ready));
    while (options.base_url.ends_with('/')) options.base_url.pop_back();
    const auto refuse = [&] {
        return fail(Code::invalid_argument, "HTTP-Url01",
                    "\"" + options.base_url + "\" is no URL of a server; https://id.example.com is one");
    };
    const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), curl_url_cleanup);
    if (!url || curl_url_set(url.get(), CURLUPART_URL, options.base_url.c_str(), 0) != CURLUE_OK) return refuse();
    if (!options.base_url.starts_with("http://") && !options.base_url.starts_with("https://")) return refuse();
    if (options.base_url.find_first_of("?#@") != std::string::npos) return refuse();
    return std::make_unique<CurlClient>(std::move(options));
}

}  // namespace godwit::http
