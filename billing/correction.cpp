#include "billing/correction.hpp"

#include "billing/error.hpp"

namespace wefee {
namespace {

std::string at(std::size_t i) { return "/terms/" + std::to_string(i); }

}  // namespace

Subscription rewritten(Subscription subscription, const std::vector<CorrectedTerms>& terms, CivilDay today) {
    for (std::size_t i = 0; i < terms.size(); ++i) {
        const auto from = terms[i].from;
        if (from < subscription.started_on || from > today)
            throw Error(Errc::invalid_value, "",
                        {{at(i) + "/from", "must lie between the subscription's start and today"}});
        try {
            subscription = changed(std::move(subscription), terms[i].wish, from);
        } catch (const Error& error) {
            std::vector<FieldProblem> problems;
            for (const auto& problem : error.fields())
                problems.push_back({at(i) + problem.pointer, problem.text});
            throw Error(error.errc(), error.what(), std::move(problems));
        }
    }
    return subscription;
}

}  // namespace wefee
