// From a form's own charset to UTF-8, after verification. GBK and GB2312 are subsets of GB18030.
#include <iconv.h>

#include <cerrno>
#include <string>

#include "payment/alipay/form.hpp"

namespace wefee::payment::alipay {

namespace {

bool same_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if ((a[i] | 0x20) != (b[i] | 0x20)) return false;
    return true;
}

const char* iconv_name(std::string_view charset) {
    for (const std::string_view name : {"gbk", "gb2312", "gb18030"})
        if (same_ignoring_case(charset, name)) return "GB18030";
    return "UTF-8";  // also the default of the gateway
}

constexpr std::string_view replacement = "\xEF\xBF\xBD";

class Converter {
public:
    explicit Converter(const char* from) : handle_(iconv_open("UTF-8", from)) {}
    ~Converter() {
        if (usable()) iconv_close(handle_);
    }
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;
    // iconv_open's way to say that it knows no such charset
    bool usable() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

    std::string convert(std::string_view bytes) {
        std::string out(bytes.size() * 4 + replacement.size(),
                        '\0');                       // at most 4 bytes a character, 3 a bad byte
        char* in = const_cast<char*>(bytes.data());  // iconv's signature, not its behaviour
        std::size_t in_left = bytes.size();
        char* to = out.data();
        std::size_t out_left = out.size();
        while (in_left > 0 && iconv(handle_, &in, &in_left, &to, &out_left) == static_cast<std::size_t>(-1)) {
            if (errno == E2BIG) break;
            to = std::copy(replacement.begin(), replacement.end(), to);
            out_left -= replacement.size();
            ++in;
            --in_left;
        }
        out.resize(static_cast<std::size_t>(to - out.data()));
        return out;
    }

private:
    iconv_t handle_;
};

}  // namespace

std::string to_utf8(std::string_view bytes, std::string_view charset) {
    Converter converter(iconv_name(charset));
    if (!converter.usable()) return std::string(bytes);
    return converter.convert(bytes);
}

io::Fields utf8_fields(const ReceivedForm& form) {
    Converter converter(iconv_name(form.value("charset")));
    io::Fields fields;
    for (const auto& [name, value] : form.parameters()) {
        if (name == "sign") continue;
        if (converter.usable())
            fields.emplace_back(converter.convert(name), converter.convert(value));
        else
            fields.emplace_back(name, value);
    }
    return fields;
}

}  // namespace wefee::payment::alipay
