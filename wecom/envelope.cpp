// Callback envelopes ("回调配置", documents 90930 and 90238; JSON: 101033).
#include "wecom/envelope.hpp"

#include <fmt/format.h>

#include "io/encoding.hpp"
#include "wecom/json.hpp"
#include "wecom/xml.hpp"

namespace wefee::wecom {
namespace {

std::optional<Envelope> parse_xml_envelope(std::string_view body) {
    const auto document = XmlDocument::parse(body);
    if (!document) return std::nullopt;
    Envelope envelope;
    int encrypts = 0;
    for (auto element = document->root().first_child(); element; element = element.next_sibling()) {
        const std::string_view name = element.name();
        if (name == "Encrypt") {
            if (++encrypts > 1 || element.has_children()) return std::nullopt;
            envelope.encrypt = element.text();
        } else if (name == "ToUserName") {
            envelope.to_user_name = element.text();
        } else if (name == "AgentID") {
            envelope.agent_id = element.text();
        }
    }
    if (encrypts != 1) return std::nullopt;
    return envelope;
}

/// Names differ by source: "encrypt", "tousername" in lower case, or as in XML.
class EnvelopeNames : public nlohmann::json::json_sax_t {
public:
    Envelope envelope{.to_user_name = {}, .agent_id = {}, .encrypt = {}, .json = true};
    int encrypts = 0;

    bool null() override { return scalar(); }
    bool boolean(bool) override { return scalar(); }
    bool number_integer(number_integer_t value) override { return number(std::to_string(value)); }
    bool number_unsigned(number_unsigned_t value) override { return number(std::to_string(value)); }
    bool number_float(number_float_t, const string_t&) override { return scalar(); }
    bool binary(binary_t&) override { return false; }
    bool string(string_t& value) override {
        if (depth_ != 1) return true;
        if (is_encrypt()) {
            if (++encrypts > 1) return false;
            envelope.encrypt = std::move(value);
        } else {
            number(std::move(value));
        }
        return true;
    }
    bool start_object(std::size_t) override { return enter(); }
    bool start_array(std::size_t) override { return depth_ != 0 && enter(); }
    bool end_object() override { return leave(); }
    bool end_array() override { return leave(); }
    bool key(string_t& name) override {
        if (depth_ == 1) key_ = std::move(name);
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
        return false;
    }

private:
    bool is_encrypt() const { return depth_ == 1 && (key_ == "encrypt" || key_ == "Encrypt"); }
    bool scalar() const { return depth_ != 0 && !is_encrypt(); }  // Encrypt must be a string
    bool number(std::string value) {
        if (depth_ != 1) return depth_ != 0;
        if (is_encrypt()) return false;
        if (key_ == "tousername" || key_ == "ToUserName")
            envelope.to_user_name = std::move(value);
        else if (key_ == "agentid" || key_ == "AgentID")
            envelope.agent_id = std::move(value);
        return true;
    }
    bool enter() {
        if (is_encrypt()) return false;
        return ++depth_ <= json_depth_max;
    }
    bool leave() {
        --depth_;
        return true;
    }
    std::string key_;
    int depth_ = 0;
};

std::optional<Envelope> parse_json_envelope(std::string_view body) {
    EnvelopeNames names;
    if (!nlohmann::json::sax_parse(body, &names) || names.encrypts != 1) return std::nullopt;
    return std::move(names.envelope);
}

std::string signed_query(const CallbackCrypt& crypt, const SealedWith& with, std::string_view encrypt) {
    return fmt::format("msg_signature={}&timestamp={}&nonce={}",
                       crypt.signature(with.timestamp, with.nonce, encrypt),
                       io::percent_encode(with.timestamp), io::percent_encode(with.nonce));
}

}  // namespace

std::optional<Envelope> parse_envelope(std::string_view body) {
    if (body.size() > xml_bytes_max) return std::nullopt;
    const auto first = body.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return std::nullopt;
    return body[first] == '{' ? parse_json_envelope(body) : parse_xml_envelope(body);
}

std::string write_envelope(std::string_view to_user_name, std::string_view agent_id,
                           std::string_view encrypt) {
    return fmt::format("<xml><ToUserName>{}</ToUserName><Encrypt>{}</Encrypt><AgentID>{}</AgentID></xml>",
                       xml_cdata(to_user_name), xml_cdata(encrypt), xml_cdata(agent_id));
}

std::string write_envelope_json(std::string_view encrypt) { return json_dump({{"encrypt", encrypt}}); }

CallbackCall make_post(const CallbackCrypt& crypt, const SealedWith& with, std::string_view message,
                       std::string_view to_user_name, std::string_view agent_id) {
    const std::string encrypt = crypt.seal(with.random16, message, with.receiveid);
    return {signed_query(crypt, with, encrypt), write_envelope(to_user_name, agent_id, encrypt)};
}

std::string make_get_query(const CallbackCrypt& crypt, const SealedWith& with, std::string_view echo) {
    const std::string encrypt = crypt.seal(with.random16, echo, with.receiveid);
    return signed_query(crypt, with, encrypt) + "&echostr=" + io::percent_encode(encrypt);
}

std::string passive_reply_xml(const CallbackCrypt& crypt, const SealedWith& with, std::string_view message) {
    const std::string encrypt = crypt.seal(with.random16, message, with.receiveid);
    return fmt::format(
        "<xml><Encrypt>{}</Encrypt><MsgSignature>{}</MsgSignature><TimeStamp>{}</TimeStamp><Nonce>{}</"
        "Nonce></xml>",
        xml_cdata(encrypt), xml_cdata(crypt.signature(with.timestamp, with.nonce, encrypt)), with.timestamp,
        xml_cdata(with.nonce));
}

std::string passive_reply_json(const CallbackCrypt& crypt, const SealedWith& with, std::string_view message) {
    const std::string encrypt = crypt.seal(with.random16, message, with.receiveid);
    nlohmann::ordered_json reply{{"encrypt", encrypt},
                                 {"msgsignature", crypt.signature(with.timestamp, with.nonce, encrypt)}};
    reply["timestamp"] = std::stoll(with.timestamp);  // documented as a number
    reply["nonce"] = with.nonce;
    return json_dump(reply);
}

std::string update_button_message(std::string_view user_id, std::string_view corp_id,
                                  std::int64_t create_time, std::string_view replace_name) {
    return fmt::format(
        "<xml><ToUserName>{}</ToUserName><FromUserName>{}</FromUserName><CreateTime>{}</CreateTime>"
        "<MsgType><![CDATA[update_button]]></MsgType><Button><ReplaceName>{}</ReplaceName></Button></xml>",
        xml_cdata(user_id), xml_cdata(corp_id), create_time, xml_cdata(replace_name));
}

}  // namespace wefee::wecom
