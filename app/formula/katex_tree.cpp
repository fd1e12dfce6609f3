#include "app/formula/katex_tree.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace sotto::app {

namespace {

QHash<QString, QString> readStrings(const QJsonObject& object) {
    QHash<QString, QString> strings;
    for (auto entry = object.begin(); entry != object.end(); ++entry)
        if (entry->isString()) strings.insert(entry.key(), entry->toString());
    return strings;
}

// An end of a line: "0" or "100%".
double readShare(const QJsonValue& value) { return value.toString() == u"100%" ? 1 : 0; }

KatexSvg readSvg(const QJsonObject& object) {
    KatexSvg svg;
    svg.attributes = readStrings(object[u"svg"].toObject());
    for (const QJsonValue& path : object[u"paths"].toArray()) svg.paths.append(path.toString());
    for (const QJsonValue& value : object[u"lines"].toArray()) {
        const QJsonObject line = value.toObject();
        svg.lines.emplace_back(readShare(line[u"x1"]), readShare(line[u"y1"]),
                               readShare(line[u"x2"]), readShare(line[u"y2"]));
        svg.strokeWidth = readEm(line[u"stroke-width"].toString()).value_or(0);
    }
    return svg;
}

bool readNode(const QJsonObject& object, int depth, KatexNode& node) {
    if (depth > kMaxKatexDepth) return false;
    if (object.contains(u"svg")) {
        node.svg = readSvg(object);
        return true;
    }
    node.classes = object[u"classes"].toString().split(u' ', Qt::SkipEmptyParts);
    node.style = readStrings(object[u"style"].toObject());
    node.text = object[u"text"].toString();
    node.italic = object[u"italic"].toDouble();
    node.height = object[u"height"].toDouble();
    node.depth = object[u"depth"].toDouble();
    const QJsonArray children = object[u"children"].toArray();
    node.children.reserve(children.size());
    for (const QJsonValue& child : children)
        if (!readNode(child.toObject(), depth + 1, node.children.emplace_back())) return false;
    return true;
}

}  // namespace

std::optional<double> readEm(const QString& value) {
    if (!value.endsWith(u"em")) return std::nullopt;
    bool isNumber = false;
    const double em = QStringView(value).chopped(2).toDouble(&isNumber);
    return isNumber ? std::optional(em) : std::nullopt;
}

std::optional<double> KatexNode::em(const char* property) const {
    const auto found = style.constFind(QLatin1String(property));
    return found == style.cend() ? std::nullopt : readEm(*found);
}

std::optional<KatexNode> readKatexTree(const QByteArray& json) {
    const QJsonDocument document = QJsonDocument::fromJson(json);
    KatexNode root;
    if (!document.isObject() || !readNode(document.object(), 0, root)) return std::nullopt;
    return root;
}

}  // namespace sotto::app
