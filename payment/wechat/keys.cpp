// The key ring's swap.
#include "payment/wechat/keys.hpp"

namespace wefee::payment::wechat {

namespace {

bool equal(const KeyRing::Map& a, const KeyRing::Map& b) {
    if (a.size() != b.size()) return false;
    for (auto left = a.begin(), right = b.begin(); left != a.end(); ++left, ++right)
        if (left->first != right->first || left->second.der() != right->second.der()) return false;
    return true;
}

}  // namespace

KeyRing::KeyRing(Map keys) {
    kept_.push_back(std::make_unique<const Map>(std::move(keys)));
    current_.store(kept_.back().get(), std::memory_order_release);
}

const io::PublicKey* KeyRing::find(std::string_view serial) const {
    const Map& keys = *current_.load(std::memory_order_acquire);
    const auto found = keys.find(serial);
    return found == keys.end() ? nullptr : &found->second;
}

bool KeyRing::replace(Map keys) {
    const std::scoped_lock lock(writers_);
    if (equal(*kept_.back(), keys)) return false;
    kept_.push_back(std::make_unique<const Map>(std::move(keys)));
    current_.store(kept_.back().get(), std::memory_order_release);
    return true;
}

std::vector<std::string> KeyRing::serials() const {
    std::vector<std::string> names;
    for (const auto& [serial, key] : *current_.load(std::memory_order_acquire)) names.push_back(serial);
    return names;
}

}  // namespace wefee::payment::wechat
