#include "app/core/storage_health.h"

#include <algorithm>
#include <tuple>

namespace sotto::app {

bool StorageHealth::isLasting(ErrorCode cause) {
    return isProvenByAWrite(cause) || cause == ErrorCode::DatabaseDamaged ||
           cause == ErrorCode::NewerVersion;
}

bool StorageHealth::isProvenByAWrite(ErrorCode cause) {
    switch (cause) {
        case ErrorCode::DiskFull:
        case ErrorCode::ReadOnly:
        case ErrorCode::Io:
        case ErrorCode::Locked: return true;
        default: return false;
    }
}

bool StorageHealth::noteFailure(StoreKind store, const Error& error) {
    // Neither is a fault: one was asked for, the other is the end of the program.
    if (error.code == ErrorCode::Cancelled || error.code == ErrorCode::Closed) return false;
    for (StorageProblem& problem : m_problems) {
        if (problem.store != store || problem.error.code != error.code) continue;
        const bool isOther = problem.error.message != error.message;
        problem.error = error;
        return isOther;
    }
    m_problems.push_back({store, error});
    return true;
}

bool StorageHealth::noteProvenWrite(StoreKind store) {
    return std::erase_if(m_problems, [&](const StorageProblem& problem) {
               return problem.store == store && isProvenByAWrite(problem.error.code);
           }) > 0;
}

bool StorageHealth::dismissRefusals() {
    return std::erase_if(m_problems, [](const StorageProblem& problem) {
               return !isLasting(problem.error.code);
           }) > 0;
}

const StorageProblem* StorageHealth::worst() const {
    const auto rank = [](const StorageProblem& problem) {
        return std::tuple(!isLasting(problem.error.code), problem.store);
    };
    const auto found = std::min_element(
        m_problems.begin(), m_problems.end(),
        [&](const StorageProblem& a, const StorageProblem& b) { return rank(a) < rank(b); });
    return found == m_problems.end() ? nullptr : &*found;
}

bool StorageHealth::isAiling(StoreKind store) const {
    return std::any_of(m_problems.begin(), m_problems.end(), [store](const auto& problem) {
        return problem.store == store && isLasting(problem.error.code);
    });
}

bool StorageHealth::isWorthATry(StoreKind store) const {
    return std::any_of(m_problems.begin(), m_problems.end(), [store](const auto& problem) {
        return problem.store == store && isProvenByAWrite(problem.error.code);
    });
}

}  // namespace sotto::app
