#include "app/system/fonts.h"

#include <QDir>
#include <QFont>
#include <QFontDatabase>
#include <QGuiApplication>

namespace sotto::app {

namespace {

// After the shipped family: other European scripts, Chinese, then emoji. The emoji family must be
// named, otherwise sequences joined by U+200D fall apart into single glyphs.
const QStringList kFallbacks = {QStringLiteral("Noto Sans"), QStringLiteral("Noto Sans CJK SC"),
                                QStringLiteral("Microsoft YaHei"),
                                QStringLiteral("Noto Color Emoji")};

}  // namespace

QStringList loadFonts() {
    QStringList loaded;
    const QDir folder(QStringLiteral(":/fonts"));
    for (const QString& name :
         folder.entryList({QStringLiteral("*.otf"), QStringLiteral("*.ttf")})) {
        const int id = QFontDatabase::addApplicationFont(folder.filePath(name));
        for (const QString& family : QFontDatabase::applicationFontFamilies(id)) {
            if (!loaded.contains(family)) loaded.append(family);
        }
    }
    // QML in 6.4 can name one family only; substitutions give that family its fallbacks.
    for (const QString& family : std::as_const(loaded)) {
        QFont::insertSubstitutions(family, kFallbacks);
    }
    QFont font;
    font.setFamilies(QStringList{QStringLiteral("Sotto Sans")} + kFallbacks);
    font.setPixelSize(13);
    font.setHintingPreference(QFont::PreferNoHinting);
    QGuiApplication::setFont(font);
    return loaded;
}

}  // namespace sotto::app
