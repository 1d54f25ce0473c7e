#include "crypto/sealer.h"

#include <cstdlib>

#include "base/encoding.h"
#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/random.h"

namespace godwit::crypto {
namespace {

constexpr std::size_t kKeyNoSize = 4;

void append_u32(std::string& out, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>((value >> shift) & 0xff));
}

std::uint32_t read_u32(std::string_view bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = (value << 8) | static_cast<unsigned char>(bytes[i]);
    return value;
}

/// With its length, so that no two lists of parts give the same bytes.
void append_part(std::string& out, std::string_view part) {
    append_u32(out, static_cast<std::uint32_t>(part.size()));
    out += part;
}

std::string wrapping_context(InstanceNo instance, KeyNo no) {
    std::string out = "godwit data key v1";
    append_u32(out, static_cast<std::uint32_t>(instance.value));
    append_u32(out, no.value);
    return out;
}

}  // namespace

Result<MasterKey> MasterKey::from_bytes(const Secret& bytes) {
    if (bytes.reveal().size() != kAeadKeySize)
        return fail(Code::invalid_argument, "CRYPTO-Mk32b", "The master key must be exactly 32 bytes long.");
    return MasterKey(hkdf_sha256(bytes.reveal(), "", "godwit master key: wrap data keys v1", kAeadKeySize),
                     hex_encode(hkdf_sha256(bytes.reveal(), "", "godwit master key: check value v1", 8).reveal()));
}

std::string MasterKey::check_value() const { return check_value_; }

DataKey MasterKey::make_data_key(KeyNo no) { return {no, Secret(random_bytes(kAeadKeySize))}; }

std::string MasterKey::wrap(InstanceNo instance, const DataKey& key) const {
    const std::string nonce = random_bytes(kAeadNonceSize);
    return nonce + aead_encrypt(wrapping_key_.reveal(), nonce, key.key.reveal(), wrapping_context(instance, key.no));
}

Result<DataKey> MasterKey::unwrap(InstanceNo instance, KeyNo no, std::string_view wrapped) const {
    const std::string_view nonce = wrapped.substr(0, kAeadNonceSize);
    auto key = aead_decrypt(wrapping_key_.reveal(), nonce, wrapped.substr(nonce.size()), wrapping_context(instance, no));
    if (!key || key->size() != kAeadKeySize)
        return fail(Code::failed_precondition, "CRYPTO-Uw7rp",
                    "The stored data key does not open: is this the master key the database was made with?");
    return DataKey{no, Secret(*std::move(key))};
}

Sealer::Sealer(InstanceNo instance, std::vector<DataKey> keys, KeyNo active) : instance_(instance), active_(active) {
    for (const DataKey& key : keys)
        keys_.emplace(key.no, Keys{.seal = hkdf_sha256(key.key.reveal(), "", "godwit data key: seal v1", kAeadKeySize),
                                   .derive = hkdf_sha256(key.key.reveal(), "", "godwit data key: derive v1", kAeadKeySize)});
    if (!keys_.contains(active_)) std::abort();
}

std::string Sealer::additional_data(KeyNo no, const Place& place) const {
    std::string out;
    append_u32(out, no.value);
    append_u32(out, static_cast<std::uint32_t>(instance_.value));
    append_part(out, place.table);
    append_part(out, place.row);
    append_part(out, place.column);
    return out;
}

std::string Sealer::seal(const Place& place, std::string_view plaintext) const {
    const std::string nonce = random_bytes(kAeadNonceSize);
    std::string out;
    append_u32(out, active_.value);
    out += nonce;
    out += aead_encrypt(keys_.at(active_).seal.reveal(), nonce, plaintext, additional_data(active_, place));
    return out;
}

Result<Secret> Sealer::open(const Place& place, std::string_view sealed) const {
    if (sealed.size() >= kKeyNoSize + kAeadNonceSize + kAeadTagSize) {
        const KeyNo no{read_u32(sealed)};
        const std::string_view nonce = sealed.substr(kKeyNoSize, kAeadNonceSize);
        if (const auto key = keys_.find(no); key != keys_.end()) {
            auto plaintext =
                aead_decrypt(key->second.seal.reveal(), nonce, sealed.substr(kKeyNoSize + kAeadNonceSize), additional_data(no, place));
            if (plaintext) return Secret(*std::move(plaintext));
        }
    }
    return fail(Code::data_loss, "CRYPTO-Op3ns", "A sealed value does not open: it was moved, damaged, or its key is gone.");
}

Result<Secret> Sealer::subkey_of(KeyNo no, std::string_view label, std::size_t size) const {
    const auto key = keys_.find(no);
    if (key == keys_.end()) return fail(Code::not_found, "CRYPTO-Sk0ey", "The data key is gone.");
    return hkdf_sha256(key->second.derive.reveal(), "", label, size);
}

std::vector<KeyNo> Sealer::key_numbers() const {
    std::vector<KeyNo> numbers = {active_};
    for (auto key = keys_.rbegin(); key != keys_.rend(); ++key)
        if (key->first != active_) numbers.push_back(key->first);
    return numbers;
}

}  // namespace godwit::crypto
