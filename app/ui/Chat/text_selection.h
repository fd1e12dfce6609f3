// TextSelection: what is marked of a conversation: what is selected of it, from one message to
// another, whether its items are on screen or not, and what is found in it.
//
// A place is a message, a block of it and a position in that block (selected_text.h). Questions and
// damaged messages have one block; what was thought is one before an answer's first, while it is
// open. SelectedParts put themselves on the list and paint their share; SelectionSurface
// moves the ends. Cleared when another conversation is shown. GUI thread only.
#pragma once

#include <QList>
#include <QObject>
#include <QPointF>
#include <QPointer>
#include <QQmlEngine>
#include <QQuickItem>
#include <QRectF>
#include <compare>
#include <optional>
#include <utility>
#include <vector>

#include "app/chat/find_hits.h"
#include "app/chat/message_list_model.h"

namespace sotto::app {

class SelectedBlocks;
class SelectedPart;
class SelectionSurface;

struct TextPlace {
    int row = -1;
    int block = 0;
    int offset = 0;

    auto operator<=>(const TextPlace&) const = default;
};

class TextSelection : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(
        sotto::app::MessageListModel* messages READ messages WRITE setMessages NOTIFY changed)
    Q_PROPERTY(bool isEmpty READ isEmpty NOTIFY changed)
    // Where the words that are looked for stand, for the parts that paint it.
    Q_PROPERTY(sotto::app::FindHits* hits MEMBER m_hits NOTIFY hitsChanged)

public:
    enum Block { Thinking = -1 };
    Q_ENUM(Block)

    explicit TextSelection(QObject* parent = nullptr);
    ~TextSelection() override;

    MessageListModel* messages() const { return m_messages; }
    void setMessages(MessageListModel* messages);
    bool isEmpty() const { return m_anchor == m_focus; }

    Q_INVOKABLE void clear() { select({}, {}); }
    Q_INVOKABLE void selectMessage(int row);
    // The clipboard gets plain text, HTML and Markdown; with isMarkdown Markdown as plain text.
    Q_INVOKABLE void copy(bool isMarkdown = false) const;
    // The message that the selection begins or was clicked in; -1: none.
    Q_INVOKABLE int row() const { return m_focus.row; }

    // Where the word that is looked at stands in `item`; empty: its part is not on screen.
    Q_INVOKABLE QRectF hitIn(QQuickItem* item) const;
    // How far down in its block it is, about, 0..1.
    Q_INVOKABLE double hitShare() const;
    // Scrolls what is wider than the column, until the word is in sight.
    Q_INVOKABLE void showHitSideways() const;

    void select(const TextPlace& anchor, const TextPlace& focus);
    const TextPlace& anchor() const { return m_anchor; }
    // The selected units of a block: [first, second), the same where there are none.
    std::pair<int, int> rangeIn(int row, int block) const;

    FindHits* hits() const { return m_hits; }

    void add(SelectedPart* part) { m_parts.append(part); }
    void remove(SelectedPart* part) { m_parts.removeOne(part); }
    // The one that does what a press asks for; see there.
    SelectionSurface* surface() const;
    void setSurface(SelectionSurface* surface);
    // The part at a point of the scene, or the one nearest to it; null: there is none on screen.
    SelectedPart* partAt(QPointF scenePoint, bool isExact) const;
    // At most so many texts around a height of the scene: those that begin above it, the last one
    // first, and end at most `reach` px above it, then those below it, the first one first.
    std::vector<SelectedPart*> textsAt(double sceneY, double reach, std::size_t most) const;

signals:
    void changed();
    void hitsChanged();

private:
    // Null: the message is one text.
    const BlockListModel* blocksOf(int row) const;
    QString textOf(int row, MessageListModel::Role role) const;
    int firstBlock(int row) const;
    int lastBlock(int row) const;
    int lengthOf(int row, int block) const;
    void copyMessage(int row, SelectedBlocks& all) const;

    QPointer<MessageListModel> m_messages;
    QPointer<FindHits> m_hits;
    TextPlace m_anchor;
    TextPlace m_focus;
    QList<SelectedPart*> m_parts;
    QPointer<SelectionSurface> m_surface;
};

}  // namespace sotto::app
