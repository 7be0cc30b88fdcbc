// Boost.JSON on a stack arena: this parse sits on the way of every notification before its commit.
#include "payment/wechat/envelope.hpp"

#include <boost/json.hpp>

#include "io/crypto.hpp"
#include "io/encoding.hpp"

namespace wefee::payment::wechat {

namespace {

namespace json = boost::json;

constexpr std::string_view algorithm_name = "AEAD_AES_256_GCM";
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
constexpr std::size_t id_bytes_max = 64;

// nullopt when the member is absent or no string.
std::optional<std::string_view> text(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string_view{value->get_string()};
}

std::string copy(std::optional<std::string_view> value) { return std::string(value.value_or("")); }

struct Resource {
    std::string_view nonce;
    std::string_view associated_data;  // absent, null and empty are all the empty AAD
    std::string_view ciphertext;
};

std::optional<Resource> read_resource(const json::object& resource) {
    const auto algorithm = text(resource, "algorithm");
    const auto nonce = text(resource, "nonce");
    const auto ciphertext = text(resource, "ciphertext");
    if (!algorithm || *algorithm != algorithm_name || !nonce || nonce->size() != nonce_bytes || !ciphertext)
        return std::nullopt;
    const json::value* associated = resource.if_contains("associated_data");
    const bool empty = associated == nullptr || associated->is_null();
    if (!empty && !associated->is_string()) return std::nullopt;
    return Resource{*nonce, empty ? std::string_view{} : std::string_view{associated->get_string()},
                    *ciphertext};
}

std::expected<OpenedEnvelope, EnvelopeFault> open_object(const json::object& envelope,
                                                         std::string_view api_v3_key) {
    const auto id = text(envelope, "id");
    const auto event_type = text(envelope, "event_type");
    const json::value* member = envelope.if_contains("resource");
    if (!id || id->empty() || id->size() > id_bytes_max || !event_type || event_type->empty() ||
        member == nullptr || !member->is_object())
        return std::unexpected(EnvelopeFault::malformed);
    const auto resource = read_resource(member->get_object());
    if (!resource) return std::unexpected(EnvelopeFault::malformed);
    const auto cipher = io::base64_decode(resource->ciphertext);
    if (!cipher || cipher->size() < tag_bytes) return std::unexpected(EnvelopeFault::malformed);
    auto plaintext = io::gcm_open(api_v3_key, resource->nonce, resource->associated_data, *cipher);
    if (!plaintext) return std::unexpected(EnvelopeFault::decrypt);
    return OpenedEnvelope{.id = std::string(*id),
                          .event_type = std::string(*event_type),
                          .original_type = copy(text(member->get_object(), "original_type")),
                          .created = parse_instant(text(envelope, "create_time").value_or("")),
                          .plaintext = std::move(*plaintext)};
}

}  // namespace

std::expected<OpenedEnvelope, EnvelopeFault> open_envelope(std::string_view body,
                                                           std::string_view api_v3_key) {
    unsigned char arena[8192];
    json::monotonic_resource memory(arena, sizeof arena);
    json::parse_options options;
    options.max_depth = 16;
    json::error_code error;
    const json::value parsed = json::parse(body, error, &memory, options);
    if (error || !parsed.is_object()) return std::unexpected(EnvelopeFault::malformed);
    return open_object(parsed.get_object(), api_v3_key);
}

std::string seal_envelope(const EnvelopeParts& parts, std::string_view api_v3_key) {
    const std::string cipher = io::gcm_seal(api_v3_key, parts.nonce, parts.associated_data, parts.plaintext);
    const json::object resource{{"original_type", parts.original_type},
                                {"algorithm", algorithm_name},
                                {"ciphertext", io::base64_encode(cipher)},
                                {"associated_data", parts.associated_data},
                                {"nonce", parts.nonce}};
    return json::serialize(json::object{{"id", parts.id},
                                        {"create_time", format_instant(parts.created)},
                                        {"resource_type", "encrypt-resource"},
                                        {"event_type", parts.event_type},
                                        {"summary", parts.summary},
                                        {"resource", resource}});
}

}  // namespace wefee::payment::wechat
