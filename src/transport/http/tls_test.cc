// TLS and ALPN as curl and openssl see them, and changing the certificate under way.
#include "transport/http/tls.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <latch>
#include <thread>

#include "transport/http/server.h"
#include "transport/http/test_client.h"

namespace godwit::http {
namespace {

using testing::curl;
using testing::local;
using testing::on;
using testing::TestServer;

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long length = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(length));
    BIO_free(bio);
    return text;
}

/// A self-signed certificate for a name, made here: none is kept that could expire.
TlsFiles certificate(const char* name) {
    EVP_PKEY* const key = EVP_EC_gen("P-256");
    X509* const made = X509_new();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -60);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_set_pubkey(made, key);
    X509_NAME* const subject = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509_set_issuer_name(made, subject);
    X509_sign(made, key, EVP_sha256());
    BIO* const certificate_text = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(certificate_text, made);
    BIO* const key_text = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(key_text, key, nullptr, nullptr, 0, nullptr, nullptr);
    X509_free(made);
    EVP_PKEY_free(key);
    return {text_of(certificate_text), text_of(key_text)};
}

ServerOptions with_tls(const char* name = "first") {
    ServerOptions options = local();
    options.tls = certificate(name);
    return options;
}

Response describe(Request& request) {
    const char* const version = request.version == Version::http2 ? "2" : "1.1";
    return text_response(200, std::string(version) + (request.secure ? " secure " : " clear ") + std::to_string(request.body.size()));
}
Router describing(Lane lane = Lane::in_line) {
    return [lane](const Request&) { return on(lane, describe); };
}

std::string openssl(const TestServer& server, const std::string& arguments) {
    return testing::shell("echo | timeout 20 openssl s_client -connect 127.0.0.1:" + std::to_string(server.server->port()) + " " +
                          arguments + " 2>&1");
}

TEST(Tls, AlpnChoosesTheVersion) {
    const TestServer server(describing(Lane::read), with_tls());
    const std::string url = "--insecure " + server.url("/", "https");
    EXPECT_EQ(curl("--http1.1 " + url), "1.1 secure 0");
    EXPECT_EQ(curl("--http2 " + url), "2 secure 0");
    EXPECT_EQ(curl("--no-alpn " + url), "1.1 secure 0");
    EXPECT_EQ(curl("--data-binary @- --http2 -H 'Expect:' " + url, "head -c 10000000 /dev/zero"),
              R"({"code":8,"message":"the request body is too long"})");
    EXPECT_EQ(curl("--data-binary @- --http1.1 " + url, "head -c 3000000 /dev/zero"), "1.1 secure 3000000");
    EXPECT_NE(openssl(server, "-alpn http/1.1").find("ALPN protocol: http/1.1"), std::string::npos);
    EXPECT_NE(openssl(server, "-alpn h2").find("ALPN protocol: h2"), std::string::npos);
    EXPECT_NE(openssl(server, "-alpn spdy/1").find("no application protocol"), std::string::npos);
}

TEST(Tls, SpeaksModernVersionsAndCiphersOnly) {
    const TestServer server(describing(), with_tls());
    const std::pair<std::string, std::string> spoken[] = {
        {"-tls1_3", "New, TLSv1.3"},
        {"-tls1_2", "New, TLSv1.2"},
        {"-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256", "Cipher is ECDHE-ECDSA-AES128-GCM-SHA256"},
        {"-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384", "Cipher is ECDHE-ECDSA-AES256-GCM-SHA384"},
        {"-tls1_2 -cipher ECDHE-ECDSA-CHACHA20-POLY1305", "Cipher is ECDHE-ECDSA-CHACHA20-POLY1305"},
        {"-tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256", "Cipher is TLS_CHACHA20_POLY1305_SHA256"},
        {"-tls1_3 -groups X25519", "Server Temp Key: X25519"},
        {"-tls1_3 -groups P-256", "Server Temp Key: ECDH, prime256v1"},
    };
    for (const auto& [arguments, expected] : spoken) {
        const std::string told = openssl(server, arguments);
        EXPECT_NE(told.find(expected), std::string::npos) << arguments << "\n" << told;
    }
    for (const char* old : {"-tls1_1 -cipher ALL@SECLEVEL=0", "-tls1 -cipher ALL@SECLEVEL=0", "-tls1_2 -cipher AES128-SHA",
                            "-tls1_2 -cipher AES128-GCM-SHA256", "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA", "-tls1_2 -cipher DHE",
                            "-tls1_2 -cipher aNULL@SECLEVEL=0", "-tls1_2 -cipher PSK@SECLEVEL=0", "-tls1_3 -groups ffdhe2048"}) {
        EXPECT_NE(openssl(server, old).find("Cipher is (NONE)"), std::string::npos) << old;
    }
}

TEST(Tls, ResumesCompressesAndRenegotiatesNothing) {
    const TestServer server(describing(), with_tls());
    for (const char* version : {"-tls1_2", "-tls1_3"}) {
        const std::string told = openssl(server, std::string(version) + " -comp");
        EXPECT_NE(told.find("Compression: NONE"), std::string::npos) << told;
        EXPECT_EQ(told.find("TLS session ticket:"), std::string::npos) << told;
        const std::string again = openssl(server, std::string(version) + " -reconnect");
        EXPECT_EQ(again.find("Reused, TLS"), std::string::npos) << again;
        EXPECT_NE(again.find("New, TLS"), std::string::npos) << again;
    }
    const std::string asked = testing::shell(
        "(echo R; sleep 1) | timeout 20 openssl s_client -tls1_2 -connect 127.0.0.1:" + std::to_string(server.server->port()) + " 2>&1");
    EXPECT_NE(asked.find("RENEGOTIATING"), std::string::npos) << asked;
    EXPECT_NE(asked.find("no renegotiation"), std::string::npos) << asked;
}

TEST(Tls, CarriesLargeAnswers) {
    const TestServer server(
        [](const Request&) { return on(Lane::read, [](Request&) { return text_response(200, std::string(30'000'000, 'x')); }); },
        with_tls());
    for (const char* version : {"--http1.1 ", "--http2 "}) {
        EXPECT_EQ(curl(version + std::string("--insecure -o /dev/null -w '%{size_download} %{exitcode}' ") + server.url("/", "https")),
                  "30000000 0");
    }
}

TEST(Tls, TellsClientsInClearTextWhatIsWrong) {
    const TestServer server(describing(), with_tls());
    EXPECT_EQ(curl("-w ' %{http_code}' " + server.url("/")), "this port speaks HTTPS only.\n 400");
    EXPECT_EQ(testing::ask(server, "\x16garbage"), testing::ask(server, "\x16garbage")) << "and ends, whatever came";
}

TEST(Tls, ReloadsWithoutDroppingConnections) {
    std::latch running(1), go(1);
    const TestServer server(
        [&](const Request& request) {
            if (request.path != "/slow") return on(Lane::in_line, describe);
            return on(Lane::read, [&](Request& slow) { return running.count_down(), go.wait(), describe(slow); });
        },
        with_tls("first"));
    std::jthread under_way([&] { EXPECT_EQ(curl("--insecure " + server.url("/slow", "https")), "2 secure 0"); });
    running.wait();
    EXPECT_NE(openssl(server, "").find("CN = first"), std::string::npos);
    ASSERT_TRUE(server.server->reload_tls(certificate("second")));
    EXPECT_NE(openssl(server, "").find("CN = second"), std::string::npos);
    go.count_down();
}

TEST(Tls, RefusesFilesThatDoNotFitAndKeepsTheOldOnes) {
    const TestServer server(describing(), with_tls("first"));
    const TlsFiles good = certificate("x"), other = certificate("y");
    const std::vector<std::pair<const char*, TlsFiles>> rows = {
        {"another key", {good.certificate_pem, other.key_pem}},
        {"no certificate", {"", good.key_pem}},
        {"no key", {good.certificate_pem, ""}},
        {"garbage", {"-----BEGIN CERTIFICATE-----\nxxxx\n-----END CERTIFICATE-----\n", good.key_pem}},
        {"key in place of certificate", {good.key_pem, good.certificate_pem}},
    };
    for (const auto& [name, files] : rows) {
        const auto result = server.server->reload_tls(files);
        ASSERT_FALSE(result) << name;
        EXPECT_EQ(result.error().code, Code::failed_precondition) << name;
        EXPECT_EQ(result.error().message.find("xxxx"), std::string::npos) << name;
    }
    EXPECT_NE(openssl(server, "").find("CN = first"), std::string::npos);
    ServerOptions options = local();
    options.tls = TlsFiles{"", ""};
    EXPECT_FALSE(Server::listen(options, *server.lanes, describing()));
}

}  // namespace
}  // namespace godwit::http
