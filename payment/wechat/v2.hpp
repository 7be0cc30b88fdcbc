// WeChat Pay APIv2 messages: flat XML and its MD5 or HMAC-SHA256 sign ("interface rules, signature
// algorithm"). Both sides of the wire use these: merchant, and the simulated provider.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace wefee::payment::wechat::v2 {

enum class SignType { md5, hmac_sha256 };
std::string_view sign_type_name(SignType type);  // "MD5", "HMAC-SHA256"
std::optional<SignType> parse_sign_type(std::string_view name);

/// Sorted by name in ASCII order, as the sign wants it. A name occurs once.
using Fields = std::map<std::string, std::string, std::less<>>;

/// The value, or empty when the field is absent.
std::string_view value_of(const Fields& fields, std::string_view name);

/// "a=1&b=2&key=KEY" of all fields that are not empty, `sign` left out; values raw, not percent-encoded.
std::string string_to_sign(const Fields& fields, std::string_view key);
std::string sign(const Fields& fields, std::string_view key, SignType type);  // upper-case hex

enum class SignCheck { good, good_with_other_algorithm, bad };
/// `configured` is tried first. The message's own sign_type never selects anything, but one that is neither
/// MD5 nor HMAC-SHA256 is refused. With `accept_other` the other known algorithm is tried before failing. An
/// absent or empty sign is bad. Constant time.
SignCheck check_sign(const Fields& fields, std::string_view key, SignType configured, bool accept_other);

/// The fields of a message, or of the decrypted refund notice (`root` = "root"); nullopt when the guard
/// refuses it or a name is not one that this protocol uses.
std::optional<Fields> read(std::string_view xml, std::string_view root = "xml");

/// `<root>` with one CDATA element a field, no blanks between. Throws std::invalid_argument naming the field
/// that the provider would refuse (4-byte character, not UTF-8).
std::string write(const Fields& fields, std::string_view root = "xml");

/// The refund notice's req_info: AES-256-ECB under the lower-case MD5 of the APIv2 key, base64.
std::string seal_req_info(std::string_view plain_xml, std::string_view api_v2_key);
std::optional<std::string> open_req_info(std::string_view req_info, std::string_view api_v2_key);

}  // namespace wefee::payment::wechat::v2
