// The certificate folder, the download and its bootstrap rule.
#include "payment/wechat/certificates.hpp"

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <fstream>
#include <sstream>

#include "io/encoding.hpp"
#include "payment/wechat/client.hpp"
#include "payment/wechat/json_read.hpp"
#include "payment/wechat/sign.hpp"

namespace wefee::payment::wechat {

namespace {

constexpr std::chrono::minutes refresh_interval_min{1};
constexpr std::chrono::seconds download_limit{3};
constexpr std::string_view associated_data = "certificate";

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) throw std::runtime_error(path.string() + ": cannot be read");
    return text.str();
}

std::optional<io::Certificate> parse_certificate(std::string_view pem) {
    try {
        return io::Certificate::parse(pem);
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
}

std::optional<io::Certificate> open_entry(const nlohmann::json& entry, std::string_view api_v3_key) {
    if (!entry.is_object()) return std::nullopt;
    const auto encrypted = entry.find("encrypt_certificate");
    if (encrypted == entry.end() || !encrypted->is_object()) return std::nullopt;
    const std::string nonce = text_at(*encrypted, "nonce");
    const auto cipher = io::base64_decode(text_at(*encrypted, "ciphertext"));
    if (text_at(*encrypted, "algorithm") != "AEAD_AES_256_GCM" || nonce.size() != 12 || !cipher ||
        cipher->size() < 16)
        return std::nullopt;
    const auto pem = io::gcm_open(api_v3_key, nonce, text_at(*encrypted, "associated_data"), *cipher);
    if (!pem) return std::nullopt;
    auto certificate = parse_certificate(*pem);
    if (!certificate || certificate->serial_hex() != text_at(entry, "serial_no")) return std::nullopt;
    return certificate;
}

Instant expiry(const io::Certificate& certificate) {
    return Instant{std::chrono::seconds{certificate.not_after()}};
}

}  // namespace

std::vector<io::Certificate> read_certificate_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
        if (entry.path().extension() == ".pem") files.push_back(entry.path());
    if (error) throw std::runtime_error(folder.string() + ": " + error.message());
    std::ranges::sort(files);
    std::vector<io::Certificate> certificates;
    for (const auto& file : files) {
        auto certificate = parse_certificate(read_file(file));
        if (!certificate) throw std::runtime_error(file.string() + ": is no certificate");
        certificates.push_back(std::move(*certificate));
    }
    return certificates;
}

void write_certificate(const std::filesystem::path& folder, const io::Certificate& certificate) {
    const auto target = folder / (certificate.serial_hex() + ".pem");
    const auto part = folder / (certificate.serial_hex() + ".part");
    std::ofstream file(part, std::ios::binary | std::ios::trunc);
    file << certificate.to_pem();
    file.close();
    std::error_code error;
    if (file) std::filesystem::rename(part, target, error);
    if (!file || error) throw std::runtime_error(target.string() + ": cannot be written");
}

std::optional<std::vector<io::Certificate>> open_certificate_list(std::string_view body,
                                                                  std::string_view api_v3_key) {
    const auto parsed = nlohmann::json::parse(body, nullptr, false);
    if (!parsed.is_object() || !parsed.contains("data") || !parsed.at("data").is_array()) return std::nullopt;
    std::vector<io::Certificate> certificates;
    for (const auto& entry : parsed.at("data")) {
        auto certificate = open_entry(entry, api_v3_key);
        if (!certificate) return std::nullopt;
        certificates.push_back(std::move(*certificate));
    }
    return certificates;
}

std::string seal_certificate_list(std::span<const io::Certificate> certificates,
                                  std::string_view api_v3_key) {
    auto data = nlohmann::json::array();
    for (const io::Certificate& certificate : certificates) {
        const std::string nonce = io::random_alphanumeric(12);
        const std::string cipher = io::gcm_seal(api_v3_key, nonce, associated_data, certificate.to_pem());
        data.push_back(
            {{"serial_no", certificate.serial_hex()},
             {"effective_time", format_instant(Instant{std::chrono::seconds{certificate.not_before()}})},
             {"expire_time", format_instant(expiry(certificate))},
             {"encrypt_certificate",
              {{"algorithm", "AEAD_AES_256_GCM"},
               {"nonce", nonce},
               {"associated_data", associated_data},
               {"ciphertext", io::base64_encode(cipher)}}}});
    }
    return nlohmann::json{{"data", data}}.dump();
}

KeyKeeper::KeyKeeper(const Settings& settings, KeyRing& keys, io::HttpClient& http, const io::Clock& clock,
                     Monotonic monotonic)
    : settings_(settings), keys_(keys), http_(http), clock_(clock), monotonic_(std::move(monotonic)) {
    if (settings_.certificate_mode()) certificates_ = read_certificate_folder(settings_.platform_cert_dir);
    keys_.replace(map_of(certificates_));
}

bool KeyKeeper::may_help(std::string_view serial) const {
    return settings_.certificate_mode() && !serial.starts_with(public_key_id_prefix) &&
           keys_.find(serial) == nullptr;
}

std::string KeyKeeper::last_failure() const {
    const std::scoped_lock lock(guard_);
    return last_failure_;
}

bool KeyKeeper::claim_turn() {
    using std::chrono::steady_clock;
    const std::int64_t now = monotonic_().time_since_epoch().count();
    constexpr std::int64_t gap =
        std::chrono::duration_cast<steady_clock::duration>(refresh_interval_min).count();
    std::int64_t last = last_turn_.load();
    return (last == never || now - last >= gap) && last_turn_.compare_exchange_strong(last, now);
}

io::awaitable<KeyKeeper::Outcome> KeyKeeper::refresh() {
    if (!settings_.certificate_mode()) co_return Outcome::not_in_use;
    if (!claim_turn()) co_return Outcome::held_back;
    io::ClientRequest request =
        make_v3_request(settings_, "GET", "/v3/certificates", {}, clock_.now(), io::random_alphanumeric(32));
    io::ClientResponse response;
    try {
        response = co_await http_.send(std::move(request), download_limit);
    } catch (const boost::system::system_error& failure) {
        co_return fail(failure.code().message());
    }
    co_return take(response);
}

KeyKeeper::Outcome KeyKeeper::fail(std::string why) {
    const std::scoped_lock lock(guard_);
    last_failure_ = std::move(why);
    return Outcome::failed;
}

KeyKeeper::Outcome KeyKeeper::take(const io::ClientResponse& response) {
    if (response.status != 200) return fail("HTTP " + std::to_string(response.status));
    auto certificates = open_certificate_list(response.body, settings_.api_v3_key);
    if (!certificates) return fail("the list does not decrypt");
    if (!first_answer_holds(response, *certificates)) return fail("the list's signature does not hold");
    try {
        return keep(std::move(*certificates));
    } catch (const std::runtime_error& failure) {
        return fail(failure.what());
    }
}

// Bootstrap: the APIv3 key vouches for the certificates (they decrypted), and one of them, or a key we
// already had, must have signed the answer.
bool KeyKeeper::first_answer_holds(const io::ClientResponse& response,
                                   const std::vector<io::Certificate>& certificates) const {
    SignedHeaders headers;
    if (collect_signature(response.headers, headers) != SignatureCheck::good) return false;
    const KeyRing offered(map_of(certificates));
    const KeyRing& judge = keys_.find(headers.serial) != nullptr ? keys_ : offered;
    return check_signature(headers, response.body, judge, clock_.now()) == SignatureCheck::good;
}

KeyKeeper::Outcome KeyKeeper::keep(std::vector<io::Certificate> fresh) {
    const std::scoped_lock lock(guard_);
    last_failure_.clear();
    for (io::Certificate& certificate : fresh) {
        const std::string serial = certificate.serial_hex();
        const bool known = std::ranges::any_of(
            certificates_, [&](const io::Certificate& held) { return held.serial_hex() == serial; });
        if (known) continue;
        write_certificate(settings_.platform_cert_dir, certificate);  // a restart must be able to verify
        certificates_.push_back(std::move(certificate));
    }
    return keys_.replace(map_of(certificates_)) ? Outcome::changed : Outcome::unchanged;
}

// The configured public keys and every certificate that has not expired: during a grey release either may
// sign.
KeyRing::Map KeyKeeper::map_of(const std::vector<io::Certificate>& certificates) const {
    KeyRing::Map keys;
    for (const NamedKey& named : settings_.public_keys) keys.emplace(named.id, named.key);
    for (const io::Certificate& certificate : certificates)
        if (expiry(certificate) > clock_.now())
            keys.emplace(certificate.serial_hex(), certificate.public_key());
    return keys;
}

}  // namespace wefee::payment::wechat
