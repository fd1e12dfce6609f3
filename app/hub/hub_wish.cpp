#include "app/hub/hub_wish.h"

#include <algorithm>
#include <string>

#include "app/core/hub/hub_entries.h"

namespace sotto::app {
namespace {

constexpr double kSmallBitsPerWeight = 4.5;
constexpr int kModelsOfAPage = 30;

net::HubSort hubSortOf(const QString& name) {
    if (name == QLatin1String("trending")) return net::HubSort::Trending;
    if (name == QLatin1String("updated")) return net::HubSort::LastModified;
    return net::HubSort::Downloads;
}

bool hasTag(const net::HubModel& model, const std::string& tag) {
    return std::ranges::find(model.tags, tag) != model.tags.end();
}

bool isOfFamily(const net::HubModel& model, const std::string& family) {
    return model.architecture.empty() ? hasTag(model, family) : model.architecture == family;
}

// A hub that tells no files is asked for them when the model is opened.
bool hasType(const net::HubModel& model, const std::string& type) {
    return model.files.empty() || std::ranges::any_of(model.files, [&](const std::string& path) {
               return typeOfName(path) == type;
           });
}

}  // namespace

net::HubQuery hubQueryOf(const HubWish& wish) {
    net::HubQuery query;
    query.text = wish.text.trimmed().toStdString();
    query.sort = hubSortOf(wish.sort);
    query.parameters = wish.size.toStdString();
    query.limit = kModelsOfAPage;
    if (!wish.licence.isEmpty()) query.filters.push_back("license:" + wish.licence.toStdString());
    if (wish.isChat) query.filters.emplace_back("conversational");
    return query;
}

bool isHubModelWanted(const HubWish& wish, const net::HubModel& model, double largestFile) {
    if (!wish.family.isEmpty() && !isOfFamily(model, wish.family.toStdString())) return false;
    if (!wish.type.isEmpty() && !hasType(model, wish.type.toStdString())) return false;
    const double smallBytes = static_cast<double>(model.nParameters) * kSmallBitsPerWeight / 8;
    return !wish.isFitting || largestFile <= 0 || smallBytes <= largestFile;
}

}  // namespace sotto::app
