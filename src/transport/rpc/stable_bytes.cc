#include "transport/rpc/stable_bytes.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message_lite.h>

namespace godwit::rpc {

std::string stable_bytes(const google::protobuf::MessageLite& message) {
    std::string bytes(message.ByteSizeLong(), '\0');
    {
        google::protobuf::io::ArrayOutputStream stream(bytes.data(), static_cast<int>(bytes.size()));
        google::protobuf::io::CodedOutputStream out(&stream);
        out.SetSerializationDeterministic(true);
        message.SerializeWithCachedSizes(&out);
    }
    return bytes;
}

}  // namespace godwit::rpc
