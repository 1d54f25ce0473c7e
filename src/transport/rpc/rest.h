// REST as the contract's google.api.http options declare it: path variables, query and JSON body in, JSON out.
#pragma once

#include <string>
#include <vector>

#include "transport/rpc/exchange.h"

namespace godwit::rpc::rest {

/// A call by the form `binding`; `values` are the texts of the path's variables. Both outlive the codec.
class RestCodec final : public Codec {
public:
    RestCodec(const RestBinding& binding, const std::vector<std::string>& values) : binding_(binding), values_(values) {}

    Result<void> decode(const Method& method, const http::Request& request, google::protobuf::Message& message) override;
    Result<http::Response> encode(const Method& method, const google::protobuf::Message& response) override;
    http::Response refuse(const Error& error) override;

private:
    const RestBinding& binding_;
    const std::vector<std::string>& values_;
};

/// A stream of answers, as the method's options say.
http::Response run_answers(const Gate& gate, const Method& method, http::Request& request, RestCodec& codec);

}  // namespace godwit::rpc::rest
