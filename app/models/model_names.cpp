#include "app/models/model_names.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTextBoundaryFinder>

namespace sotto::app {
namespace {

constexpr const char* kNamesKey = "models.names";

// Never within a character as it is seen, which may be several units.
QString cutName(const QString& name) {
    if (name.size() <= kLongestModelName) return name;
    QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, name);
    finder.setPosition(kLongestModelName);
    if (!finder.isAtBoundary()) finder.toPreviousBoundary();
    return name.left(finder.position());
}

}  // namespace

ModelNames readModelNames(storage::Database& database) {
    ModelNames names;
    const auto kept = database.settings().value(kNamesKey);
    if (!kept || !kept->has_value()) return names;
    const QJsonObject json = QJsonDocument::fromJson(QByteArray::fromStdString(**kept)).object();
    for (auto entry = json.begin(); entry != json.end(); ++entry)
        if (const QString name = entry.value().toString(); !name.isEmpty())
            names[entry.key()] = name;
    return names;
}

Status keepModelName(storage::Database& database, const QString& path, const QString& name) {
    // What cannot be read must not be written over.
    SOTTO_TRY(database.settings().value(kNamesKey));
    ModelNames names = readModelNames(database);
    const QString plain = cutName(name.simplified());
    if (plain.isEmpty())
        names.erase(path);
    else
        names[path] = plain;
    if (names.empty()) return database.settings().remove(kNamesKey);
    QJsonObject json;
    for (const auto& [file, given] : names) json.insert(file, given);
    return database.settings().set(
        kNamesKey, QJsonDocument(json).toJson(QJsonDocument::Compact).toStdString());
}

}  // namespace sotto::app
