#include "credentials/password/argon2.h"

#include <argon2.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "credentials/password/text.h"

namespace godwit::password {
namespace {

// libargon2's allocation callbacks carry no context.
thread_local std::span<std::byte> current_memory;

int give_memory(std::uint8_t** memory, std::size_t bytes) {
    if (current_memory.size() < bytes) return ARGON2_MEMORY_ALLOCATION_ERROR;
    *memory = reinterpret_cast<std::uint8_t*>(current_memory.data());
    return ARGON2_OK;
}
void keep_memory(std::uint8_t*, std::size_t) {}

std::uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data())); }

class Argon2Recipe final : public Recipe {
public:
    explicit Argon2Recipe(Argon2 parameters) : p_(std::move(parameters)) {}

    std::string algorithm() const override { return argon2_name(p_.type); }

    Result<Cost> cost(const CostLimits& limits) const override {
        TRY(check_sizes(std::max(p_.salt.size(), p_.data.size()), p_.expected.size(), limits));
        if (p_.salt.size() < 8) return refused("the salt of Argon2 is shorter than 8 bytes");
        if (p_.version != 0x10 && p_.version != 0x13) return refused("Argon2 versions are 16 and 19");
        TRY(check_limit("p of Argon2", p_.lanes, limits.argon2_lanes));
        TRY(check_limit("m of Argon2", p_.memory_kib, limits.argon2_memory_kib));
        TRY(check_limit("t * m of Argon2", saturating_product(p_.passes, p_.memory_kib), limits.argon2_work_kib));
        if (p_.memory_kib < 8 * p_.lanes) return refused("m of Argon2 is less than 8 * p");
        return Cost{.memory_bytes = argon2_memory_bytes(p_),
                    .weak = false,
                    .parameters = {{"memory", std::to_string(p_.memory_kib)},
                                   {"iterations", std::to_string(p_.passes)},
                                   {"parallelism", std::to_string(p_.lanes)},
                                   {"version", std::to_string(p_.version)}}};
    }

    Result<bool> verify(std::string_view password, Work& work) const override {
        return equal_secret(TRY(argon2(password, p_, p_.expected.size(), work.memory.bytes())), p_.expected);
    }

private:
    const Argon2 p_;
};

std::optional<Argon2Type> find_type(std::string_view name) {
    for (const Argon2Type type : {Argon2Type::d, Argon2Type::i, Argon2Type::id}) {
        if (name == argon2_name(type)) return type;
    }
    return std::nullopt;
}

class Argon2Scheme final : public Scheme {
public:
    std::string_view name() const override { return "argon2"; }
    std::vector<Form> forms() const override {
        return {{"$argon2id$v=19$m=KIB,t=PASSES,p=LANES$SALT$DIGEST",
                 "PHC; also $argon2i$ and $argon2d$; without v it is version 16; data= is used, keyid= refused"}};
    }
    bool claims(std::string_view encoded) const override { return looks_like_argon2(encoded); }
    Result<RecipePtr> parse(std::string_view encoded) const override { return parse_argon2(encoded); }
};

}  // namespace

RecipePtr make_recipe(Argon2 parameters) { return std::make_unique<Argon2Recipe>(std::move(parameters)); }

std::string argon2_name(Argon2Type type) {
    constexpr std::array<std::string_view, 3> kNames{"argon2d", "argon2i", "argon2id"};
    return std::string(kNames[static_cast<std::size_t>(type)]);
}

std::uint64_t argon2_memory_bytes(const Argon2& p) { return std::max(p.memory_kib, 8 * p.lanes) * 1024; }

Result<std::string> argon2(std::string_view password, const Argon2& p, std::size_t length, std::span<std::byte> memory) {
    std::string out(length, '\0');
    argon2_context context{};
    context.out = bytes_of(out);
    context.outlen = static_cast<std::uint32_t>(length);
    context.pwd = bytes_of(password);
    context.pwdlen = static_cast<std::uint32_t>(password.size());
    context.salt = bytes_of(p.salt);
    context.saltlen = static_cast<std::uint32_t>(p.salt.size());
    context.ad = p.data.empty() ? nullptr : bytes_of(p.data);
    context.adlen = static_cast<std::uint32_t>(p.data.size());
    context.t_cost = static_cast<std::uint32_t>(p.passes);
    context.m_cost = static_cast<std::uint32_t>(p.memory_kib);
    context.lanes = static_cast<std::uint32_t>(p.lanes);
    context.threads = 1;
    context.version = static_cast<std::uint32_t>(p.version);
    context.allocate_cbk = give_memory;
    context.free_cbk = keep_memory;
    const auto type = p.type == Argon2Type::d ? Argon2_d : p.type == Argon2Type::i ? Argon2_i : Argon2_id;

    current_memory = memory;
    const int code = argon2_ctx(&context, type);
    current_memory = {};
    if (code == ARGON2_MEMORY_ALLOCATION_ERROR)
        return fail(Code::resource_exhausted, "PASSWORD-Arg0M", "Not enough memory to check this password");
    if (code != ARGON2_OK) return refused(argon2_error_message(code));
    return out;
}

std::string encode_argon2(const Argon2& p) {
    return "$" + argon2_name(p.type) + (p.version == 0x10 ? std::string() : "$v=" + std::to_string(p.version)) +
           "$m=" + std::to_string(p.memory_kib) + ",t=" + std::to_string(p.passes) + ",p=" + std::to_string(p.lanes) + "$" +
           base64_encode(p.salt, Base64::standard_unpadded) + "$" + base64_encode(p.expected, Base64::standard_unpadded);
}

bool looks_like_argon2(std::string_view encoded) {
    return encoded.starts_with("$argon2id$") || encoded.starts_with("$argon2i$") || encoded.starts_with("$argon2d$");
}

Result<RecipePtr> parse_argon2(std::string_view phc) {
    if (phc.starts_with('$')) phc.remove_prefix(1);
    auto fields = split(phc, '$');
    Argon2 out;
    const auto type = find_type(fields.front());
    if (!type) return refused("Argon2 types are argon2id, argon2i and argon2d");
    out.type = *type;
    fields.erase(fields.begin());
    out.version = 0x10;  // what the first edition wrote had no version
    if (!fields.empty() && fields.front().starts_with("v=")) {
        out.version = parse_number(fields.front().substr(2)).value_or(0);
        fields.erase(fields.begin());
    }
    if (fields.size() != 3) return refused("Argon2 has parameters, salt and digest");
    const auto values = KeyValues::parse(fields[0]);
    if (!values || !values->only({"m", "t", "p", "data"})) return refused("Argon2 parameters are m, t, p and data");
    const auto m = values->number("m");
    const auto t = values->number("t");
    const auto p = values->number("p");
    const auto data = decode_base64_any(values->find("data").value_or(""));
    const auto salt = decode_base64_any(fields[1]);
    const auto expected = decode_base64_any(fields[2]);
    if (!m || !t || !p) return refused("Argon2 parameters are not numbers");
    if (!salt || !expected || !data) return refused("the salt or the digest of Argon2 is not base64");
    out.memory_kib = *m;
    out.passes = *t;
    out.lanes = *p;
    out.data = *data;
    out.salt = *salt;
    out.expected = *expected;
    return make_recipe(std::move(out));
}

std::unique_ptr<const Scheme> argon2_scheme() { return std::make_unique<Argon2Scheme>(); }

}  // namespace godwit::password
