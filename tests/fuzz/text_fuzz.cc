#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/encoding.h"
#include "base/time.h"
#include "base/unicode.h"
#include "base/url.h"

// The small readers of base/: what they take, they write back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace godwit;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const Base64 form : {Base64::standard, Base64::standard_unpadded, Base64::url, Base64::url_padded}) {
        if (const auto bytes = base64_decode(text, form); bytes && base64_encode(*bytes, form) != text) std::abort();
        if (base64_decode(base64_encode(text, form), form) != text) std::abort();
    }
    (void)base64_decode_lenient(text);
    (void)base32_decode_lenient(text);
    if (const auto bytes = hex_decode(text); bytes && hex_decode(hex_encode(*bytes)) != bytes) std::abort();
    if (percent_decode(percent_encode(text)) != text) std::abort();
    if (const auto query = parse_query(text); query && parse_query(build_query(*query)) != query) std::abort();
    (void)parse_url(text);
    (void)parse_rfc3339(text);
    const std::string folded = fold(text);
    if (fold(folded) != folded || !is_valid_utf8(folded)) std::abort();
    (void)code_points(text);
    if (has_outer_whitespace(trim_unicode(text))) std::abort();
    (void)has_control_characters(text);
    (void)has_bidi_controls(text);
    (void)parse_language_tag(text);
    (void)ascii_host(text);
    return 0;
}
