<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
    <context>
        <name>AnswerFigures</name>
        <message>
            <source>%1 plain, %2 tokens per step</source>
            <translation>普通速度的 %1，每步 %2 个 token</translation>
        </message>
        <message>
            <source>%1 plain</source>
            <translation>普通速度的 %1</translation>
        </message>
        <message>
            <source>TTFT %1</source>
            <translation>TTFT %1</translation>
        </message>
        <message>
            <source>prompt %1 tokens</source>
            <translation>提示词 %1 个 token</translation>
        </message>
        <message>
            <source>prompt %1 tokens, %2 from disk</source>
            <translation>提示词 %1 个 token，其中 %2 个来自磁盘</translation>
        </message>
        <message>
            <source>prompt %1 tokens, %2 from memory</source>
            <translation>提示词 %1 个 token，其中 %2 个来自内存</translation>
        </message>
        <message>
            <source>prompt %1 tokens, %2 from memory, %3 from disk</source>
            <translation>提示词 %1 个 token，其中 %2 个来自内存，%3 个来自磁盘</translation>
        </message>
        <message>
            <source>%1 tokens dropped</source>
            <translation>%1 个 token 不再发送</translation>
        </message>
        <message>
            <source>%1 tokens forgotten</source>
            <translation>遗忘了 %1 个 token</translation>
        </message>
    </context>
    <context>
        <name>AnswersMenu</name>
        <message numerus="yes">
            <source>Write %n answer(s)</source>
            <translation>
                <numerusform>写 %n 个回答</numerusform>
            </translation>
        </message>
        <message>
            <source>Write the answer again</source>
            <translation>重新写回答</translation>
        </message>
        <message>
            <source>At temperature 0 all would be the same</source>
            <translation>温度为 0 时各回答相同</translation>
        </message>
    </context>
    <context>
        <name>AssistantMessage</name>
        <message>
            <source>The answer broke off</source>
            <translation>回答中断了</translation>
        </message>
        <message>
            <source>There is no answer</source>
            <translation>没有回答</translation>
        </message>
        <message>
            <source>%1 The text so far is kept.</source>
            <translation>%1 已写出的文字已保留。</translation>
        </message>
        <message>
            <source>Try again</source>
            <translation>重试</translation>
        </message>
    </context>
    <context>
        <name>BinBar</name>
        <message>
            <source>Deleted %1.</source>
            <translation>删除于%1。</translation>
        </message>
        <message>
            <source>It stays until you delete it for good.</source>
            <translation>它会保留到你彻底删除为止。</translation>
        </message>
        <message>
            <source>Gone for good on %1.</source>
            <translation>将于%1彻底删除。</translation>
        </message>
        <message>
            <source>%1 %2</source>
            <translation>%1%2</translation>
        </message>
        <message numerus="yes">
            <source>%n message(s), %1.</source>
            <translation>
                <numerusform>%n 条消息，%1。</numerusform>
            </translation>
        </message>
        <message>
            <source>Restoring puts it back into “%1”.</source>
            <translation>恢复后回到“%1”。</translation>
        </message>
        <message>
            <source>Restoring puts it back into the list.</source>
            <translation>恢复后回到列表。</translation>
        </message>
        <message>
            <source>Delete for good</source>
            <translation>彻底删除</translation>
        </message>
        <message>
            <source>Restore</source>
            <translation>恢复</translation>
        </message>
    </context>
    <context>
        <name>BinDialog</name>
        <message>
            <source>Empty the bin?</source>
            <translation>清空回收站？</translation>
        </message>
        <message>
            <source>Delete “%1” for good?</source>
            <translation>彻底删除“%1”？</translation>
        </message>
        <message>
            <source>New chat</source>
            <translation>新对话</translation>
        </message>
        <message numerus="yes">
            <source>%n chat(s) go for good, with all their messages. They cannot be brought back.</source>
            <translation>
                <numerusform>%n 个对话及其全部消息将被彻底删除，无法恢复。</numerusform>
            </translation>
        </message>
        <message>
            <source>It goes with all its messages and cannot be brought back.</source>
            <translation>该对话及其全部消息将被删除，无法恢复。</translation>
        </message>
        <message>
            <source>Keep</source>
            <translation>保留</translation>
        </message>
        <message>
            <source>Empty the bin, %1</source>
            <translation>清空回收站，%1</translation>
        </message>
        <message>
            <source>Delete for good</source>
            <translation>彻底删除</translation>
        </message>
    </context>
    <context>
        <name>BinEntry</name>
        <message>
            <source>Bin</source>
            <translation>回收站</translation>
        </message>
        <message numerus="yes">
            <source>Bin, %n chat(s)</source>
            <translation>
                <numerusform>回收站，%n 个对话</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>BinList</name>
        <message>
            <source>Bin</source>
            <translation>回收站</translation>
        </message>
        <message>
            <source>Back to the chats</source>
            <translation>返回对话列表</translation>
        </message>
        <message numerus="yes">
            <source>%n chat(s)</source>
            <translation>
                <numerusform>%n 个对话</numerusform>
            </translation>
        </message>
        <message>
            <source>Search the bin</source>
            <translation>搜索回收站</translation>
        </message>
        <message>
            <source>Deleted chats</source>
            <translation>已删除的对话</translation>
        </message>
        <message>
            <source>The bin is empty</source>
            <translation>回收站为空</translation>
        </message>
        <message>
            <source>Nothing found</source>
            <translation>没有找到</translation>
        </message>
        <message>
            <source>Deleted chats are kept here first.</source>
            <translation>删除的对话会先保留在这里。</translation>
        </message>
        <message>
            <source>The titles of deleted chats are searched.</source>
            <translation>搜索的是已删除对话的标题。</translation>
        </message>
        <message numerus="yes">
            <source>Chats here are deleted for good after %n day(s).</source>
            <translation>
                <numerusform>这里的对话 %n 天后彻底删除。</numerusform>
            </translation>
        </message>
        <message>
            <source>Chats here stay until you delete them for good.</source>
            <translation>这里的对话会一直保留，直到你彻底删除。</translation>
        </message>
        <message>
            <source>Empty the bin, %1</source>
            <translation>清空回收站，%1</translation>
        </message>
        <message>
            <source>Empty the bin</source>
            <translation>清空回收站</translation>
        </message>
        <message>
            <source>Change</source>
            <translation>更改</translation>
        </message>
        <message>
            <source>How long deleted chats are kept</source>
            <translation>已删除的对话保留多久</translation>
        </message>
        <message>
            <source>Restore</source>
            <translation>恢复</translation>
        </message>
        <message>
            <source>Delete for good</source>
            <translation>彻底删除</translation>
        </message>
    </context>
    <context>
        <name>BinRow</name>
        <message>
            <source>New chat</source>
            <translation>新对话</translation>
        </message>
        <message numerus="yes">
            <source>%1, %n day(s) left</source>
            <translation>
                <numerusform>%1，还剩 %n 天</numerusform>
            </translation>
        </message>
        <message>
            <source>days left</source>
            <translation>剩余天数</translation>
        </message>
    </context>
    <context>
        <name>BinTopBar</name>
        <message>
            <source>Chat list</source>
            <translation>对话列表</translation>
        </message>
        <message>
            <source>New chat</source>
            <translation>新对话</translation>
        </message>
        <message>
            <source>In the bin</source>
            <translation>在回收站中</translation>
        </message>
        <message>
            <source>was in %1</source>
            <translation>原在“%1”</translation>
        </message>
        <message>
            <source>Find in this chat</source>
            <translation>在本对话中查找</translation>
        </message>
    </context>
    <context>
        <name>ChatList</name>
        <message>
            <source>Chats</source>
            <translation>对话</translation>
        </message>
        <message>
            <source>Temporary chat, not saved</source>
            <translation>临时对话，不保存</translation>
        </message>
        <message>
            <source>New chat</source>
            <translation>新对话</translation>
        </message>
        <message>
            <source>No chats yet</source>
            <translation>还没有对话</translation>
        </message>
        <message>
            <source>They are saved on this computer only.</source>
            <translation>对话只保存在这台电脑上。</translation>
        </message>
        <message>
            <source>Offline. %1 bytes sent since start.</source>
            <translation>离线。启动以来已发送 %1 字节。</translation>
        </message>
        <message>
            <source>%1 bytes sent since start.</source>
            <translation>启动以来已发送 %1 字节。</translation>
        </message>
    </context>
    <context>
        <name>ChatListRow</name>
        <message>
            <source>New chat</source>
            <translation>新对话</translation>
        </message>
        <message>
            <source>%1, an answer is being written</source>
            <translation>%1，正在写回答</translation>
        </message>
        <message>
            <source>More</source>
            <translation>更多</translation>
        </message>
        <message>
            <source>New name</source>
            <translation>新名称</translation>
        </message>
    </context>
    <context>
        <name>ChatMenu</name>
        <message>
            <source>Rename</source>
            <translation>重命名</translation>
        </message>
        <message>
            <source>Unpin</source>
            <translation>取消置顶</translation>
        </message>
        <message>
            <source>Pin</source>
            <translation>置顶</translation>
        </message>
        <message>
            <source>Duplicate</source>
            <translation>复制一份</translation>
        </message>
        <message>
            <source>Move to</source>
            <translation>移动到</translation>
        </message>
        <message>
            <source>New folder</source>
            <translation>新建文件夹</translation>
        </message>
        <message>
            <source>No folder</source>
            <translation>不放入文件夹</translation>
        </message>
        <message>
            <source>Remove folder, keep its chats</source>
            <translation>移除文件夹，保留其中的对话</translation>
        </message>
        <message>
            <source>Move to the bin</source>
            <translation>移到回收站</translation>
        </message>
    </context>
    <context>
        <name>ChatPage</name>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Dismiss</source>
            <translation>知道了</translation>
        </message>
    </context>
    <context>
        <name>ChatTopBar</name>
        <message>
            <source>Chat list</source>
            <translation>对话列表</translation>
        </message>
        <message>
            <source>temp %1</source>
            <translation>温度 %1</translation>
        </message>
        <message>
            <source>Sampling and system prompt, %1</source>
            <translation>采样与系统提示词，%1</translation>
        </message>
        <message>
            <source>System prompt and sampling</source>
            <translation>系统提示词与采样</translation>
        </message>
        <message>
            <source>Adjusted</source>
            <translation>已调整</translation>
        </message>
        <message>
            <source>Default</source>
            <translation>默认</translation>
        </message>
        <message>
            <source>Find in this chat</source>
            <translation>在此对话中查找</translation>
        </message>
        <message>
            <source>More</source>
            <translation>更多</translation>
        </message>
        <message>
            <source>New chat</source>
            <translation>新对话</translation>
        </message>
    </context>
    <context>
        <name>CloseDialog</name>
        <message>
            <source>%1 of text are not on disk</source>
            <translation>有 %1 的文字尚未写入磁盘</translation>
        </message>
        <message>
            <source>Sotto is still writing</source>
            <translation>Sotto 还在写入</translation>
        </message>
        <message>
            <source>A job ends with Sotto</source>
            <translation>有任务会随 Sotto 结束</translation>
        </message>
        <message>
            <source>It cannot go on at the next start.</source>
            <translation>下次启动时它无法继续。</translation>
        </message>
        <message>
            <source>Your chats on disk</source>
            <translation>磁盘上的对话</translation>
        </message>
        <message>
            <source>%1 waiting</source>
            <translation>%1 等待写入</translation>
        </message>
        <message>
            <source>%1, %2</source>
            <translation>%1，%2</translation>
        </message>
        <message>
            <source>Waiting</source>
            <translation>等待写入</translation>
        </message>
        <message>
            <source>Jobs that stop with Sotto</source>
            <translation>随 Sotto 停止的任务</translation>
        </message>
        <message>
            <source>goes on at the next start</source>
            <translation>下次启动时继续</translation>
        </message>
        <message>
            <source>begins anew</source>
            <translation>将从头开始</translation>
        </message>
        <message>
            <source>Close anyway, lose %1</source>
            <translation>仍然关闭，丢失 %1</translation>
        </message>
        <message>
            <source>Close anyway</source>
            <translation>仍然关闭</translation>
        </message>
        <message>
            <source>Copy the text</source>
            <translation>复制文字</translation>
        </message>
        <message>
            <source>Stay</source>
            <translation>不关闭</translation>
        </message>
        <message>
            <source>Try again</source>
            <translation>重试</translation>
        </message>
    </context>
    <context>
        <name>CodeBlock</name>
        <message>
            <source>code</source>
            <translation>代码</translation>
        </message>
        <message>
            <source>Copied</source>
            <translation>已复制</translation>
        </message>
        <message>
            <source>Copy</source>
            <translation>复制</translation>
        </message>
        <message>
            <source>Copy code</source>
            <translation>复制代码</translation>
        </message>
    </context>
    <context>
        <name>CommandText</name>
        <message>
            <source>Chats</source>
            <translation>对话</translation>
        </message>
        <message>
            <source>This chat</source>
            <translation>此对话</translation>
        </message>
        <message>
            <source>View</source>
            <translation>视图</translation>
        </message>
    </context>
    <context>
        <name>Composer</name>
        <message>
            <source>Composer</source>
            <translation>输入区</translation>
        </message>
        <message>
            <source>Write a message</source>
            <translation>写一条消息</translation>
        </message>
        <message>
            <source>Message</source>
            <translation>消息</translation>
        </message>
        <message>
            <source>Choose a model</source>
            <translation>选择模型</translation>
        </message>
        <message>
            <source>Stop the comparison</source>
            <translation>停止对比</translation>
        </message>
    </context>
    <context>
        <name>ComposerTools</name>
        <message>
            <source>Thinking: on</source>
            <translation>思考：开</translation>
        </message>
        <message>
            <source>Thinking: off</source>
            <translation>思考：关</translation>
        </message>
        <message>
            <source>Thinking: auto</source>
            <translation>思考：自动</translation>
        </message>
        <message>
            <source>Whether the model thinks before it answers. Auto leaves it to the model.</source>
            <translation>模型在回答前是否先思考。“自动”由模型决定。</translation>
        </message>
        <message>
            <source>Stop</source>
            <translation>停止</translation>
        </message>
        <message>
            <source>Stop the answer</source>
            <translation>停止回答</translation>
        </message>
        <message>
            <source>Stop the answer (Esc)</source>
            <translation>停止回答（Esc）</translation>
        </message>
    </context>
    <context>
        <name>ContextMeter</name>
        <message>
            <source>The context is full: %1 of %2 tokens.</source>
            <translation>上下文已满：%1 / %2 个 token。</translation>
        </message>
        <message>
            <source>%1 of %2 tokens of context used.</source>
            <translation>上下文已用 %1 / %2 个 token。</translation>
        </message>
        <message>
            <source>%1 of %2</source>
            <translation>%1 / %2</translation>
        </message>
        <message>
            <source>Counted with the model's own tokenizer, with your draft and the system prompt.</source>
            <translation>用模型自己的分词器计数，包括草稿和系统提示词。</translation>
        </message>
        <message>
            <source>Context of this chat</source>
            <translation>此对话的上下文</translation>
        </message>
        <message>
            <source>Counted with the model's own tokenizer, with your draft. When the context is full, this chat asks what is to become of it.</source>
            <translation>用模型自己的分词器计数，包括草稿。上下文满时，此对话会询问如何处理。</translation>
        </message>
    </context>
    <context>
        <name>ConversationMenu</name>
        <message>
            <source>Copy the last answer</source>
            <translation>复制最后一个回答</translation>
        </message>
        <message>
            <source>Copy the conversation</source>
            <translation>复制整个对话</translation>
        </message>
        <message>
            <source>Find in this chat</source>
            <translation>在此对话中查找</translation>
        </message>
        <message>
            <source>System prompt and sampling</source>
            <translation>系统提示词与采样</translation>
        </message>
        <message>
            <source>Write the answer again</source>
            <translation>重新写回答</translation>
        </message>
        <message>
            <source>Continue the answer</source>
            <translation>继续写回答</translation>
        </message>
        <message>
            <source>Write several answers</source>
            <translation>写多个回答</translation>
        </message>
    </context>
    <context>
        <name>DamagedCard</name>
        <message>
            <source>The chat database is damaged</source>
            <translation>对话数据库已损坏</translation>
        </message>
        <message>
            <source>%1, %2. Counting what can be read.</source>
            <translation>%1，%2。正在统计可读取的内容。</translation>
        </message>
        <message>
            <source>%1, %2. %3 of %4 pages cannot be read.</source>
            <translation>%1，%2。%4 页中有 %3 页无法读取。</translation>
        </message>
        <message>
            <source>Read what can be read</source>
            <translation>读出可读取的内容</translation>
        </message>
        <message numerus="yes">
            <source>%1 of %n chat(s)</source>
            <translation>
                <numerusform>%n 个对话中的 %1 个</numerusform>
            </translation>
        </message>
        <message>
            <source>Backup of %1</source>
            <translation>%1的备份</translation>
        </message>
        <message numerus="yes">
            <source>%n chat(s)</source>
            <translation>
                <numerusform>%n 个对话</numerusform>
            </translation>
        </message>
        <message>
            <source>Start empty</source>
            <translation>从空白开始</translation>
        </message>
        <message>
            <source>The damaged file is set aside first and stays as it is, whichever you choose. If this happens again, test the disk.</source>
            <translation>无论选择哪一项，都会先把损坏的文件另存，并保持原样。如果再次出现，请检查磁盘。</translation>
        </message>
        <message>
            <source>Show in folder</source>
            <translation>在文件夹中显示</translation>
        </message>
        <message>
            <source>Close Sotto</source>
            <translation>关闭 Sotto</translation>
        </message>
        <message numerus="yes">
            <source>Read %n chat(s)</source>
            <translation>
                <numerusform>读取 %n 个对话</numerusform>
            </translation>
        </message>
        <message>
            <source>Use this backup</source>
            <translation>使用此备份</translation>
        </message>
    </context>
    <context>
        <name>DamagedMessage</name>
        <message numerus="yes">
            <source>%1 of %Ln byte(s) can be read. It is not sent to the model.</source>
            <translation>
                <numerusform>共 %Ln 字节，可读取 %1 字节。此消息不会发送给模型。</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%Ln byte(s) can be read. It is not sent to the model.</source>
            <translation>
                <numerusform>可读取 %Ln 字节。此消息不会发送给模型。</numerusform>
            </translation>
        </message>
        <message>
            <source>Nothing of it can be read. It is not sent to the model.</source>
            <translation>无法读取任何内容。此消息不会发送给模型。</translation>
        </message>
        <message>
            <source>This message is damaged</source>
            <translation>此消息已损坏</translation>
        </message>
        <message>
            <source>Keep what can be read</source>
            <translation>保留可读部分</translation>
        </message>
        <message>
            <source>Write it again</source>
            <translation>重新写</translation>
        </message>
        <message>
            <source>Take it out</source>
            <translation>移除</translation>
        </message>
    </context>
    <context>
        <name>DefaultSamplingRow</name>
        <message>
            <source>Default</source>
            <translation>默认</translation>
        </message>
        <message>
            <source>Set here</source>
            <translation>在此设置</translation>
        </message>
        <message>
            <source>Back to the default: %1</source>
            <translation>恢复默认：%1</translation>
        </message>
    </context>
    <context>
        <name>Dialog</name>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
    </context>
    <context>
        <name>EditMenu</name>
        <message>
            <source>Undo</source>
            <translation>撤销</translation>
        </message>
        <message>
            <source>Redo</source>
            <translation>重做</translation>
        </message>
        <message>
            <source>Cut</source>
            <translation>剪切</translation>
        </message>
        <message>
            <source>Copy</source>
            <translation>复制</translation>
        </message>
        <message>
            <source>Paste</source>
            <translation>粘贴</translation>
        </message>
        <message>
            <source>Select all</source>
            <translation>全选</translation>
        </message>
    </context>
    <context>
        <name>EmptyChat</name>
        <message>
            <source>A temporary chat</source>
            <translation>临时对话</translation>
        </message>
        <message>
            <source>What is on your mind?</source>
            <translation>想聊点什么？</translation>
        </message>
        <message>
            <source>It is kept in memory only and is gone when you leave it or close Sotto.</source>
            <translation>只保存在内存中，离开或关闭 Sotto 后即消失。</translation>
        </message>
        <message>
            <source>Everything you write stays on this computer.</source>
            <translation>你写的一切都留在这台电脑上。</translation>
        </message>
        <message>
            <source>The built-in demo is a very small model: it understands simple English and knows Sotto, simple facts and short stories. Load a model of your own for real work.</source>
            <translation>内置演示模型非常小：它只懂简单的英文，这些问题会用英文发送；它了解 Sotto，知道一些简单常识，会讲短故事。要真正使用，请加载你自己的模型。</translation>
        </message>
    </context>
    <context>
        <name>ErrorText</name>
        <message>
            <source>a chat</source>
            <translation>聊天</translation>
        </message>
        <message>
            <source>a comparison</source>
            <translation>对比</translation>
        </message>
        <message>
            <source>“%1” belongs to a download that was begun elsewhere, perhaps with sotto-cli. Finish it there, or delete the file, then try again.</source>
            <translation>“%1”属于在别处（可能是用 sotto-cli）开始的下载。请在那里完成它，或删除该文件，然后重试。</translation>
        </message>
        <message>
            <source>Another part of Sotto is using this. Stop it there, then try again.</source>
            <translation>Sotto 的另一部分正在使用它。请先在那里停止，然后重试。</translation>
        </message>
        <message>
            <source>The chat database is damaged. It was left as it is; restore a copy of it.</source>
            <translation>对话数据库已损坏。它保持原样；请恢复一份副本。</translation>
        </message>
        <message>
            <source>The conversation is longer than the context. Shorten it, or start a new chat.</source>
            <translation>对话比上下文更长。请缩短对话，或开始新对话。</translation>
        </message>
        <message>
            <source>There is not enough memory. Close other programs, or choose a smaller model or a shorter context.</source>
            <translation>内存不足。请关闭其他程序，或选择更小的模型或更短的上下文。</translation>
        </message>
        <message>
            <source>This version cannot do that (%1).</source>
            <translation>此版本无法做到这一点（%1）。</translation>
        </message>
        <message>
            <source>“%1”</source>
            <translation>“%1”</translation>
        </message>
        <message>
            <source>The file</source>
            <translation>该文件</translation>
        </message>
        <message>
            <source>This cannot be used (%1). Change it and try again.</source>
            <translation>无法使用（%1）。请修改后重试。</translation>
        </message>
        <message>
            <source>%1 is not there any more. Choose another file or put it back.</source>
            <translation>%1已不在原处。请选择另一个文件，或把它放回去。</translation>
        </message>
        <message>
            <source>%1 cannot be read. Check its permissions and the disk.</source>
            <translation>无法读取%1。请检查它的权限和磁盘。</translation>
        </message>
        <message>
            <source>%1 is damaged, incomplete or not a GGUF model. Get it again.</source>
            <translation>%1已损坏、不完整，或不是 GGUF 模型。请重新获取。</translation>
        </message>
        <message>
            <source>This version cannot run “%1” (%2). Choose another model.</source>
            <translation>此版本无法运行“%1”（%2）。请选择另一个模型。</translation>
        </message>
        <message>
            <source>Not enough memory: %1 needed, %2 free. Choose a smaller model or a shorter context.</source>
            <translation>内存不足：需要 %1，可用 %2。请选择更小的模型或更短的上下文。</translation>
        </message>
        <message>
            <source>The conversation has %1 tokens, the context holds %2. Shorten it, or start a new chat.</source>
            <translation>对话有 %1 个 token，上下文只能容纳 %2 个。请缩短对话，或开始新对话。</translation>
        </message>
        <message>
            <source>The model's chat template failed: %1</source>
            <translation>模型的对话模板出错：%1</translation>
        </message>
        <message>
            <source>Stopped.</source>
            <translation>已停止。</translation>
        </message>
        <message>
            <source>The device reported an error. Load the model again; the chat is kept.</source>
            <translation>设备报告了错误。请重新加载模型；对话已保留。</translation>
        </message>
        <message>
            <source>Something went wrong inside Sotto (%1). The chat is kept; try again.</source>
            <translation>Sotto 内部出错（%1）。对话已保留，请重试。</translation>
        </message>
        <message>
            <source>There is no room left on the disk. Free some space and try again.</source>
            <translation>磁盘上没有剩余空间。请腾出空间后重试。</translation>
        </message>
        <message>
            <source>%1 may not be written. Change its permissions.</source>
            <translation>没有权限写入%1。请修改它的权限。</translation>
        </message>
        <message>
            <source>Another program holds the chat database. Close it and try again.</source>
            <translation>另一个程序占用了对话数据库。请关闭它后重试。</translation>
        </message>
        <message>
            <source>The chat database “%1” is damaged. It was left as it is; restore a copy of it.</source>
            <translation>对话数据库“%1”已损坏。它保持原样；请恢复一份副本。</translation>
        </message>
        <message>
            <source>The chat database was written by a newer Sotto. Update this program to open it.</source>
            <translation>对话数据库由更新版本的 Sotto 写入。请更新本程序后再打开。</translation>
        </message>
        <message>
            <source>This is not there any more.</source>
            <translation>它已经不在了。</translation>
        </message>
        <message>
            <source>The disk reported an error while saving. Check the disk.</source>
            <translation>保存时磁盘报告了错误。请检查磁盘。</translation>
        </message>
        <message>
            <source>Another part of Sotto is using this (%1). Stop it there, then try again.</source>
            <translation>Sotto 的另一部分正在使用它（%1）。请先在那里停止，然后重试。</translation>
        </message>
        <message>
            <source>Sotto is closing.</source>
            <translation>Sotto 正在关闭。</translation>
        </message>
        <message>
            <source>%1 Your chats can be read; what you write now is gone when Sotto closes.</source>
            <translation>%1 可以阅读已有的对话；现在写下的内容会在 Sotto 关闭后消失。</translation>
        </message>
        <message>
            <source>%1 All chats are kept in memory only until Sotto closes.</source>
            <translation>%1 在 Sotto 关闭之前，所有对话仅保存在内存中。</translation>
        </message>
        <message>
            <source>There is no room left on the disk: %1 needed, %2 free. Free some space and try again.</source>
            <translation>磁盘空间不足：需要 %1，可用 %2。请清理一些空间后重试。</translation>
        </message>
        <message>
            <source>The server</source>
            <translation>服务器</translation>
        </message>
        <message>
            <source>This model</source>
            <translation>此模型</translation>
        </message>
        <message>
            <source>Sotto is set to offline, so nothing was sent. Allow connections in Settings → Privacy.</source>
            <translation>Sotto 处于离线模式，未发送任何内容。请在“设置 → 隐私”中允许连接。</translation>
        </message>
        <message>
            <source>%1 does not answer. Check the network connection and try again.</source>
            <translation>%1没有响应。请检查网络连接，然后重试。</translation>
        </message>
        <message>
            <source>The proxy does not let Sotto through. Check the proxy settings of the system.</source>
            <translation>代理服务器不允许 Sotto 通过。请检查系统的代理设置。</translation>
        </message>
        <message>
            <source>%1 cannot prove who it is, so nothing was sent to it. Check the date of this computer and the network.</source>
            <translation>%1无法证明自己的身份，因此未向它发送任何内容。请检查此电脑的日期和网络。</translation>
        </message>
        <message>
            <source>%1 is given out only to those who accepted its terms. Accept them on its page, then enter an access token of yours.</source>
            <translation>只有接受条款后才能获取%1。请在它的页面上接受条款，然后输入你的访问令牌。</translation>
        </message>
        <message>
            <source>The hub refuses the access token. Enter another one in the settings.</source>
            <translation>模型站点拒绝了访问令牌。请在设置中输入另一个令牌。</translation>
        </message>
        <message>
            <source>%1 is not on the hub, or it is private. Check its name, or enter an access token.</source>
            <translation>模型站点上没有%1，或者它是私有的。请检查名称，或输入访问令牌。</translation>
        </message>
        <message>
            <source>The hub wants fewer requests. Wait some minutes and try again.</source>
            <translation>模型站点要求减少请求。请等待几分钟后重试。</translation>
        </message>
        <message>
            <source>The hub wants fewer requests. Try again in %1 s.</source>
            <translation>模型站点要求减少请求。请在 %1 秒后重试。</translation>
        </message>
        <message>
            <source>%1 gave an answer that cannot be used. Try again later, or choose another hub.</source>
            <translation>%1的回答无法使用。请稍后重试，或选择另一个站点。</translation>
        </message>
        <message>
            <source>%1 is larger than what the hub gives out. Choose a smaller one.</source>
            <translation>%1超过了站点提供的文件大小上限。请选择更小的文件。</translation>
        </message>
        <message>
            <source>%1 is not what the hub has: it was damaged on its way. It was set aside; download it again.</source>
            <translation>%1与站点上的文件不一致：传输中已损坏。它已被另行保存；请重新下载。</translation>
        </message>
        <message>
            <source>The text has %1 tokens; at least %2 are needed. Choose a longer one.</source>
            <translation>该文本只有 %1 个 token，至少需要 %2 个。请选择较长的文本。</translation>
        </message>
        <message>
            <source>“%1” reads at most %2 tokens at once, and %3 are needed. Choose another model.</source>
            <translation>“%1”一次最多读取 %2 个 token，而这里需要 %3 个。请选择其他模型。</translation>
        </message>
    </context>
    <context>
        <name>FindBar</name>
        <message>
            <source>Find in this chat</source>
            <translation>在此对话中查找</translation>
        </message>
        <message>
            <source>Nothing found</source>
            <translation>没有找到</translation>
        </message>
        <message>
            <source>%1 of %2</source>
            <translation>%1 / %2</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Earlier place</source>
            <translation>上一处</translation>
        </message>
        <message>
            <source>Later place</source>
            <translation>下一处</translation>
        </message>
    </context>
    <context>
        <name>FirstOfferCard</name>
        <message>
            <source>Suggested</source>
            <translation>推荐</translation>
        </message>
        <message>
            <source>%1 tok/s</source>
            <translation>%1 tok/s</translation>
        </message>
        <message>
            <source>Its speed is not known before this computer was measured.</source>
            <translation>测量这台电脑之前无法得知其速度。</translation>
        </message>
        <message>
            <source>Memory needed</source>
            <translation>所需内存</translation>
        </message>
        <message>
            <source>On its way: see Models</source>
            <translation>正在下载：见“模型”</translation>
        </message>
        <message>
            <source>Download %1</source>
            <translation>下载 %1</translation>
        </message>
    </context>
    <context>
        <name>FirstOffers</name>
        <message>
            <source>Models that fit</source>
            <translation>合适的模型</translation>
        </message>
        <message>
            <source>Sotto is offline. The model that is here answers without a network.</source>
            <translation>Sotto 处于离线状态。本机已有的模型无需网络即可回答。</translation>
        </message>
        <message>
            <source>with %1 tokens of context</source>
            <translation>上下文为 %1 个 token</translation>
        </message>
        <message>
            <source>None of the models that Sotto knows fits into the free memory.</source>
            <translation>Sotto 所知的模型都超出可用内存。</translation>
        </message>
        <message>
            <source>Asks %1 for names, sizes and licences. Until then nothing is sent.</source>
            <translation>将向 %1 查询名称、大小和许可证。在此之前不会发送任何数据。</translation>
        </message>
        <message>
            <source>Stop</source>
            <translation>停止</translation>
        </message>
        <message>
            <source>Show models that fit</source>
            <translation>显示合适的模型</translation>
        </message>
        <message>
            <source>Ask again</source>
            <translation>再次查询</translation>
        </message>
    </context>
    <context>
        <name>FirstRun</name>
        <message>
            <source>Use a file I have</source>
            <translation>使用已有的文件</translation>
        </message>
        <message>
            <source>Add a folder…</source>
            <translation>添加文件夹…</translation>
        </message>
        <message>
            <source>First start</source>
            <translation>首次启动</translation>
        </message>
        <message>
            <source>Language</source>
            <translation>语言</translation>
        </message>
        <message>
            <source>Ready when you are.</source>
            <translation>准备好了，随时开始。</translation>
        </message>
        <message>
            <source>A small demo model is built in, so you can start now. It runs here and sends nothing.</source>
            <translation>内置了一个小型演示模型，现在就可以开始。它在本机运行，不发送任何内容。</translation>
        </message>
        <message>
            <source>loaded, %1</source>
            <translation>已加载，%1</translation>
        </message>
        <message>
            <source>Good for a first try. Expect mistakes.</source>
            <translation>适合先试一试，会出错。它只懂英文。</translation>
        </message>
        <message>
            <source>Answers may be wrong.</source>
            <translation>回答可能有误。</translation>
        </message>
        <message>
            <source>This computer</source>
            <translation>这台电脑</translation>
        </message>
        <message>
            <source>Models on this computer</source>
            <translation>这台电脑上的模型</translation>
        </message>
        <message>
            <source>Skip</source>
            <translation>跳过</translation>
        </message>
        <message>
            <source>Model file</source>
            <translation>模型文件</translation>
        </message>
        <message>
            <source>GGUF models (*.gguf)</source>
            <translation>GGUF 模型 (*.gguf)</translation>
        </message>
        <message>
            <source>Measure again</source>
            <translation>重新测量</translation>
        </message>
        <message>
            <source>The demo model is not installed here. Add a model of your own below to start.</source>
            <translation>这里没有安装演示模型。请先在下方添加你自己的模型。</translation>
        </message>
        <message>
            <source>Add a folder with models</source>
            <translation>添加包含模型的文件夹</translation>
        </message>
    </context>
    <context>
        <name>FoldButton</name>
        <message>
            <source>Show all (%1)</source>
            <translation>显示全部（%1）</translation>
        </message>
        <message>
            <source>Show less</source>
            <translation>收起</translation>
        </message>
    </context>
    <context>
        <name>ForcedRow</name>
        <message>
            <source>Stop</source>
            <translation>停止</translation>
        </message>
        <message>
            <source>Hide the marks</source>
            <translation>隐藏标记</translation>
        </message>
        <message>
            <source>Mark them</source>
            <translation>标出这些位置</translation>
        </message>
        <message>
            <source>Where would it have gone another way?</source>
            <translation>它会在何处写得不同？</translation>
        </message>
    </context>
    <context>
        <name>FoundPlaces</name>
        <message>
            <source>Found on this computer</source>
            <translation>在这台电脑上找到</translation>
        </message>
        <message>
            <source>%1, %2</source>
            <translation>%1，%2</translation>
        </message>
        <message numerus="yes">
            <source>%n model(s), %1</source>
            <translation>
                <numerusform>%n 个模型，%1</numerusform>
            </translation>
        </message>
        <message>
            <source>Add</source>
            <translation>添加</translation>
        </message>
        <message>
            <source>Add the models of %1</source>
            <translation>添加 %1 的模型</translation>
        </message>
    </context>

    <context>
        <name>HardwareCard</name>
        <message>
            <source>This computer</source>
            <translation>这台电脑</translation>
        </message>
        <message>
            <source>Memory</source>
            <translation>内存</translation>
        </message>
        <message>
            <source>Memory of this computer, %1 used by Sotto, %2 by other programs, %3 free</source>
            <translation>这台电脑的内存，Sotto 占用 %1，其他程序占用 %2，空闲 %3</translation>
        </message>
        <message>
            <source>Other programs</source>
            <translation>其他程序</translation>
        </message>
        <message>
            <source>%1 free</source>
            <translation>空闲 %1</translation>
        </message>
        <message>
            <source>Read bandwidth</source>
            <translation>读取带宽</translation>
        </message>
        <message>
            <source>being measured</source>
            <translation>正在测量</translation>
        </message>
        <message>
            <source>Read bandwidth, %1, measured on this computer</source>
            <translation>读取带宽，%1，在这台电脑上测得</translation>
        </message>
        <message>
            <source>Read bandwidth, being measured</source>
            <translation>读取带宽，正在测量</translation>
        </message>
        <message>
            <source>measured here, limits how fast it writes</source>
            <translation>在本机测得，决定写作速度的上限</translation>
        </message>
        <message>
            <source>Graphics memory</source>
            <translation>显存</translation>
        </message>
        <message>
            <source>Memory of the graphics card, %1 used by Sotto, %2 by other programs, %3 free</source>
            <translation>显卡的显存，Sotto 占用 %1，其他程序占用 %2，空闲 %3</translation>
        </message>
        <message>
            <source>Read bandwidth, %1 by the card's data sheet</source>
            <translation>读取带宽，按显卡规格书为 %1</translation>
        </message>
        <message>
            <source>by the data sheet, not measured yet</source>
            <translation>规格书数值，尚未实测</translation>
        </message>
        <message numerus="yes">
            <source>forecasts were off by ± %1 over %n model(s)</source>
            <translation>
                <numerusform>预测与 %n 个模型的实测相差 ± %1</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>HealthText</name>
        <message>
            <source>The disk is full: new text is kept in memory only. Free some space to save it.</source>
            <translation>磁盘已满：新内容只保留在内存中。请腾出空间以便保存。</translation>
        </message>
        <message>
            <source>The chats may not be written: new text is kept in memory only. Allow writing to their folder.</source>
            <translation>对话文件不可写入：新内容只保留在内存中。请允许写入其所在文件夹。</translation>
        </message>
        <message>
            <source>Another program holds the chats: new text is kept in memory only. Close that program.</source>
            <translation>对话数据库被另一个程序占用：新内容只保留在内存中。请关闭该程序。</translation>
        </message>
        <message>
            <source>The disk reported an error: new text is kept in memory only. Check the disk.</source>
            <translation>磁盘报告错误：新内容只保留在内存中。请检查磁盘。</translation>
        </message>
        <message>
            <source>The chat database is damaged: new text may be kept in memory only. Start Sotto again; it reads what can be read.</source>
            <translation>对话数据库已损坏：新内容可能只保留在内存中。请重新启动 Sotto，它会读出仍可读取的内容。</translation>
        </message>
        <message>
            <source>The memory for temporary chats is full: what is on screen stays. Leave a temporary chat to go on.</source>
            <translation>临时对话的内存已用完：屏幕上的内容会保留。离开临时对话后可继续。</translation>
        </message>
    </context>
    <context>
        <name>ImportanceDialog</name>
        <message>
            <source>Cancel the download</source>
            <translation>取消下载</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Continue in background</source>
            <translation>在后台继续</translation>
        </message>
        <message>
            <source>Download and use it</source>
            <translation>下载并使用</translation>
        </message>
        <message>
            <source>Look on %1</source>
            <translation>在 %1 上查找</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Model that it is for</source>
            <translation>所属模型</translation>
        </message>
        <message>
            <source>Published importance matrices</source>
            <translation>已发布的重要性矩阵</translation>
        </message>
        <message>
            <source>Stop</source>
            <translation>停止</translation>
        </message>
    </context>
    <context>
        <name>ImportanceRow</name>
        <message>
            <source>Gated</source>
            <translation>需授权</translation>
        </message>
    </context>
    <context>
        <name>ImportanceState</name>
        <message>
            <source>An importance matrix tells which weights matter. Looking for one sends the name above to %1, and nothing before you ask.</source>
            <translation>重要性矩阵说明哪些权重更重要。查找时会把上面的名称发送给 %1；在你要求之前，不会发送任何内容。</translation>
        </message>
        <message>
            <source>Looking on %1</source>
            <translation>正在 %1 上查找</translation>
        </message>
        <message>
            <source>None found for “%1”</source>
            <translation>没有找到“%1”的重要性矩阵</translation>
        </message>
        <message>
            <source>Others have measured many models</source>
            <translation>许多模型已有他人测得的矩阵</translation>
        </message>
        <message>
            <source>Try again</source>
            <translation>重试</translation>
        </message>
        <message>
            <source>Try the name that the original model has on the hub, or have one measured first on the built-in text.</source>
            <translation>请尝试原始模型在模型站点上的名称，或先用内置文本测量一个。</translation>
        </message>
    </context>
    <context>
        <name>InstalledColumn</name>
        <message>
            <source>Order of the models</source>
            <translation>模型的顺序</translation>
        </message>
        <message>
            <source>Last used</source>
            <translation>最近使用</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>No models yet</source>
            <translation>还没有模型</translation>
        </message>
        <message>
            <source>Download one here, or add a file or a folder that you have.</source>
            <translation>在这里下载一个，或添加你已有的文件或文件夹。</translation>
        </message>
        <message>
            <source>Installed</source>
            <translation>已安装</translation>
        </message>
    </context>
    <context>
        <name>InstalledFooter</name>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Disk space</source>
            <translation>磁盘空间</translation>
        </message>
        <message>
            <source>%1 free of %2</source>
            <translation>可用 %1，共 %2</translation>
        </message>
        <message>
            <source>Disk space, models %1, unfinished downloads %2, other files %3, free %4</source>
            <translation>磁盘空间：模型 %1，未完成的下载 %2，其他文件 %3，可用 %4</translation>
        </message>
        <message>
            <source>Models</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Partial</source>
            <translation>未完成</translation>
        </message>
        <message>
            <source>Other</source>
            <translation>其他</translation>
        </message>
    <message>
        <source>Find duplicates</source>
        <translation>查找重复文件</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>加载</translation>
    </message>
    </context>
    <context>
        <name>InstalledMenu</name>
        <message>
            <source>Give its memory back</source>
            <translation>释放它的内存</translation>
        </message>
        <message>
            <source>Load</source>
            <translation>加载</translation>
        </message>
        <message>
            <source>No favourite any more</source>
            <translation>取消收藏</translation>
        </message>
        <message>
            <source>Favourite</source>
            <translation>收藏</translation>
        </message>
        <message>
            <source>Show in its folder</source>
            <translation>在文件夹中显示</translation>
        </message>
        <message>
            <source>Copy its path</source>
            <translation>复制路径</translation>
        </message>
        <message>
            <source>Stop checking</source>
            <translation>停止校验</translation>
        </message>
        <message>
            <source>Check the file</source>
            <translation>校验文件</translation>
        </message>
        <message>
            <source>Move to the system&apos;s bin…</source>
            <translation>移到系统回收站…</translation>
        </message>
    <message>
        <source>Rename…</source>
        <translation>重命名…</translation>
    </message>
        <message>
            <source>Load with parameters…</source>
            <translation>用参数加载…</translation>
        </message>
        <message>
            <source>Forget its parameters</source>
            <translation>清除专用参数</translation>
        </message>
    <message>
        <source>Quantize…</source>
        <translation>量化…</translation>
    </message>
        <message>
            <source>Compare…</source>
            <translation>对比…</translation>
        </message>
    </context>
    <context>
        <name>InstalledRow</name>
        <message>
            <source>%1, measured %2</source>
            <translation>%1，实测 %2</translation>
        </message>
        <message>
            <source>being checked</source>
            <translation>正在校验</translation>
        </message>
        <message>
            <source>Unload</source>
            <translation>卸载</translation>
        </message>
        <message>
            <source>Load</source>
            <translation>加载</translation>
        </message>
        <message>
            <source>More</source>
            <translation>更多</translation>
        </message>
        <message>
            <source>%1 tok/s</source>
            <translation>%1 tok/s</translation>
        </message>
        <message>
            <source>loaded</source>
            <translation>已加载</translation>
        </message>
        <message>
            <source>%1 with %2 tokens</source>
            <translation>%1（%2 个 token）</translation>
        </message>
        <message>
            <source>Parameters of its own</source>
            <translation>专用参数</translation>
        </message>
    </context>
    <context>
        <name>JobRow</name>
        <message>
            <source>drag, or Alt+↑ and Alt+↓</source>
            <translation>拖动，或按 Alt+↑ 和 Alt+↓</translation>
        </message>
        <message>
            <source>Resume now</source>
            <translation>立即继续</translation>
        </message>
        <message>
            <source>Pause</source>
            <translation>暂停</translation>
        </message>
        <message>
            <source>Resume</source>
            <translation>继续</translation>
        </message>
        <message>
            <source>Take from the list</source>
            <translation>从列表移除</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
    </context>
    <context>
        <name>JobText</name>
        <message>
            <source>%1 of %2 kept</source>
            <translation>已保留 %1 / %2</translation>
        </message>
        <message>
            <source>%1 of %2</source>
            <translation>%1 / %2</translation>
        </message>
        <message numerus="yes">
            <source>%1 of %2 tensors</source>
            <translation>
                <numerusform>%1 / %2 个张量</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%1 of %2 chats</source>
            <translation>
                <numerusform>%1 / %2 个对话</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%1 of %2 texts</source>
            <translation>
                <numerusform>%1 / %2 段文本</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%1 of %2 files</source>
            <translation>
                <numerusform>%1 / %2 个文件</numerusform>
            </translation>
        </message>
        <message>
            <source>Quantize %1</source>
            <translation>量化 %1</translation>
        </message>
        <message>
            <source>Compare %1</source>
            <translation>比较 %1</translation>
        </message>
        <message>
            <source>Import from %1</source>
            <translation>从 %1 导入</translation>
        </message>
        <message>
            <source>Export %1</source>
            <translation>导出 %1</translation>
        </message>
        <message>
            <source>%1 left</source>
            <translation>剩余 %1</translation>
        </message>
        <message>
            <source>%1/s, %2 left</source>
            <translation>%1/s，剩余 %2</translation>
        </message>
        <message>
            <source>Pausing</source>
            <translation>正在暂停</translation>
        </message>
        <message>
            <source>starts soon</source>
            <translation>即将开始</translation>
        </message>
        <message>
            <source>after %1</source>
            <translation>排在“%1”之后</translation>
        </message>
        <message>
            <source>Paused by you</source>
            <translation>由你暂停</translation>
        </message>
        <message>
            <source>Done</source>
            <translation>已完成</translation>
        </message>
        <message>
            <source>Needs you</source>
            <translation>需要处理</translation>
        </message>
        <message>
            <source>Failed</source>
            <translation>失败</translation>
        </message>
        <message>
            <source>Running</source>
            <translation>进行中</translation>
        </message>
        <message>
            <source>Waiting</source>
            <translation>等待中</translation>
        </message>
        <message>
            <source>Paused</source>
            <translation>已暂停</translation>
        </message>
        <message>
            <source>Finished</source>
            <translation>已结束</translation>
        </message>
        <message>
            <source>%1 running</source>
            <translation>%1 个进行中</translation>
        </message>
        <message>
            <source>%1 waiting</source>
            <translation>%1 个等待中</translation>
        </message>
        <message>
            <source>%1 running, %2 waiting</source>
            <translation>%1 个进行中，%2 个等待中</translation>
        </message>
    <message>
        <source>Look for duplicates</source>
        <translation>查找重复文件</translation>
    </message>
        <message>
            <source>Measures the importance matrix, %1</source>
            <translation>正在测量重要性矩阵，%1</translation>
        </message>
        <message>
            <source>Reads the text with the model, %1</source>
            <translation>用模型读取文本，%1</translation>
        </message>
        <message>
            <source>Tries on samples of the weights, %1</source>
            <translation>在权重样本上试算，%1</translation>
        </message>
    </context>
    <context>
        <name>JobsPopover</name>
        <message>
            <source>Jobs</source>
            <translation>任务</translation>
        </message>
        <message>
            <source>Pause all</source>
            <translation>全部暂停</translation>
        </message>
        <message>
            <source>Nothing is being done. What takes long appears here.</source>
            <translation>没有正在进行的任务。耗时的工作会显示在这里。</translation>
        </message>
        <message>
            <source>Clear the finished one</source>
            <translation>清除已结束的任务</translation>
        </message>
        <message>
            <source>Clear the finished ones</source>
            <translation>清除已结束的任务</translation>
        </message>
    </context>
    <context>
        <name>JobsRing</name>
        <message>
            <source>Jobs</source>
            <translation>任务</translation>
        </message>
    </context>
    <context>
        <name>JumpPill</name>
        <message>
            <source>Jump to latest</source>
            <translation>跳到最新</translation>
        </message>
    </context>
    <context>
        <name>BlockFrame</name>
        <message>
            <source>Done</source>
            <translation>已完成</translation>
        </message>
        <message>
            <source>Not done</source>
            <translation>未完成</translation>
        </message>
    </context>
    <context>
        <name>LedgerDialog</name>
        <message>
            <source>Connections</source>
            <translation>网络连接</translation>
        </message>
        <message>
            <source>What was looked for is not written down. Connections of the last 400 days are kept, 10,000 at most.</source>
            <translation>搜索的内容不会被记录。保留最近 400 天的连接，最多 10,000 条。</translation>
        </message>
        <message numerus="yes">
            <source>%1: %n connection(s), %2 sent, %3 received</source>
            <translation>
                <numerusform>%1：%n 个连接，已发送 %2，已接收 %3</numerusform>
            </translation>
        </message>
        <message>
            <source>There was no connection yet.</source>
            <translation>还没有任何连接。</translation>
        </message>
        <message>
            <source>Forget all</source>
            <translation>全部忘记</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
    </context>
    <context>
        <name>LedgerRow</name>
        <message>
            <source>not counted</source>
            <translation>未统计</translation>
        </message>
        <message>
            <source>%1 sent, %2 received</source>
            <translation>已发送 %1，已接收 %2</translation>
        </message>
    </context>
    <context>
        <name>LibrarySentence</name>
        <message>
            <source>The models have different vocabularies, so their probabilities cannot be compared: compare their answers by text only.</source>
            <translation>这些模型的词表不同，无法比较概率：只能按文字比较它们的回答。</translation>
        </message>
        <message>
            <source>A comparison needs two models: the reference and another one.</source>
            <translation>对比需要两个模型：参照模型和另一个模型。</translation>
        </message>
        <message>
            <source>This model&apos;s heads cannot be cut into blocks of 32 elements: keep its KV cache in F16.</source>
            <translation>此模型的注意力头无法划分为 32 个元素的块：请将其 KV 缓存保持为 F16。</translation>
        </message>
        <message>
            <source>This model&apos;s heads are small, and so few bits would harm its answers: keep its KV cache in Q8_0 or F16.</source>
            <translation>此模型的注意力头较小，位数这么少会损害回答：请将其 KV 缓存保持为 Q8_0 或 F16。</translation>
        </message>
        <message>
            <source>This model file has no vocabulary.</source>
            <translation>该模型文件没有词表。请选择其他模型。</translation>
        </message>
        <message>
            <source>There is no answer to compare.</source>
            <translation>没有可供比较的回答。</translation>
        </message>
        <message>
            <source>The answer is not of this model&apos;s vocabulary: let the model answer again.</source>
            <translation>该回答不属于此模型的词表：请让模型重新回答。</translation>
        </message>
        <message>
            <source>This file has more than 4 MB. Choose a shorter text: no more than its first 65,536 tokens are read.</source>
            <translation>该文件超过 4 MB。请选择较短的文本：最多只读取前 65,536 个 token。</translation>
        </message>
        <message>
            <source>This file is no UTF-8 text. Save it as UTF-8, or choose another one.</source>
            <translation>该文件不是 UTF-8 文本。请另存为 UTF-8，或选择其他文件。</translation>
        </message>
        <message>
            <source>There is nothing to read in this text. Choose another one.</source>
            <translation>该文本中没有可读的内容。请选择其他文本。</translation>
        </message>
        <message>
            <source>A model file is another one than when these answers were written. Compare again, then measure.</source>
            <translation>有模型文件已不是生成这些回答时的那个文件。请重新对比，然后再测量。</translation>
        </message>
        <message>
            <source>The picture cannot be made: it takes more memory than there is. Close other programs, or save the comparison as Markdown.</source>
            <translation>无法生成图片：所需内存超过可用内存。请关闭其他程序，或将对比另存为 Markdown。</translation>
        </message>
    </context>
    <context>
        <name>LiveCard</name>
        <message>
            <source>Power</source>
            <translation>功耗</translation>
        </message>
        <message>
            <source>of %1 W</source>
            <translation>/ %1 W</translation>
        </message>
        <message>
            <source>W</source>
            <translation>W</translation>
        </message>
        <message>
            <source>What the card draws, against the limit that its driver enforces.</source>
            <translation>显卡当前的功耗，以及驱动程序规定的上限。</translation>
        </message>
        <message>
            <source>Temperature</source>
            <translation>温度</translation>
        </message>
        <message>
            <source>°C</source>
            <translation>°C</translation>
        </message>
        <message>
            <source>Of the card's processor, as its driver reports it.</source>
            <translation>显卡芯片的温度，由驱动程序报告。</translation>
        </message>
        <message>
            <source>Clock</source>
            <translation>频率</translation>
        </message>
        <message>
            <source>MHz</source>
            <translation>MHz</translation>
        </message>
        <message>
            <source>Of the card's processor now; it can run at %1 MHz. Its memory runs at %2 MHz.</source>
            <translation>显卡芯片当前的频率，最高可达 %1 MHz。显存频率为 %2 MHz。</translation>
        </message>
        <message>
            <source>Of the card's processor now.</source>
            <translation>显卡芯片当前的频率。</translation>
        </message>
        <message>
            <source>Slowed down: %1</source>
            <translation>降速原因：%1</translation>
        </message>
    </context>
    <context>
        <name>LiveChip</name>
        <message>
            <source>No speed measured yet.</source>
            <translation>尚未测得速度。</translation>
        </message>
        <message>
            <source>%1 tokens per second of %2 possible, %3.</source>
            <translation>每秒 %1 个 token，上限 %2，%3。</translation>
        </message>
        <message>
            <source>%1 tokens per second.</source>
            <translation>每秒 %1 个 token。</translation>
        </message>
        <message>
            <source>Live numbers. %1</source>
            <translation>实时数据。%1</translation>
        </message>
        <message>
            <source>tok/s</source>
            <translation>tok/s</translation>
        </message>
    </context>
    <context>
        <name>LiveFigure</name>
        <message>
            <source>%1: %2 %3</source>
            <translation>%1：%2 %3</translation>
        </message>
        <message>
            <source>%1: not measured yet</source>
            <translation>%1：尚未测量</translation>
        </message>
    </context>
    <context>
        <name>LiveKv</name>
        <message>
            <source>%1 of %2 KV blocks held by chats.</source>
            <translation>对话占用 %1 / %2 个 KV 块。</translation>
        </message>
        <message>
            <source>KV blocks</source>
            <translation>KV 块</translation>
        </message>
        <message>
            <source>of %1 held</source>
            <translation>/ %1 已占用</translation>
        </message>
        <message>
            <source>Chats</source>
            <translation>对话</translation>
        </message>
        <message>
            <source>Free</source>
            <translation>空闲</translation>
        </message>
        <message numerus="yes">
            <source>the last answer held %1 blocks</source>
            <translation>
                <numerusform>上一个回答占用 %1 块</numerusform>
            </translation>
        </message>
        <message>
            <source>%1 of %2 KV blocks held by chats, %3 kept.</source>
            <translation>对话占用 %2 个 KV 块中的 %1 个，另保留 %3 个。</translation>
        </message>
        <message>
            <source>A block holds keys and values of %1 tokens. One cell is 1/256 of the pool. What is kept need not be read again when a chat goes on, and makes room when it is needed.</source>
            <translation>一块保存 %1 个 token 的键和值。一格是总数的 1/256。保留的块在对话继续时无需重新读取，需要空间时会让出。</translation>
        </message>
        <message>
            <source>Kept</source>
            <translation>保留</translation>
        </message>
    </context>
    <context>
        <name>LiveMemory</name>
        <message>
            <source>RAM</source>
            <translation>内存</translation>
        </message>
        <message>
            <source>of %1</source>
            <translation>/ %1</translation>
        </message>
        <message>
            <source>Memory: %1 of %2 held.</source>
            <translation>内存：已占用 %1 / %2。</translation>
        </message>
        <message>
            <source>Weights</source>
            <translation>权重</translation>
        </message>
        <message>
            <source>KV cache</source>
            <translation>KV 缓存</translation>
        </message>
        <message>
            <source>Scratch</source>
            <translation>暂存</translation>
        </message>
        <message>
            <source>Other apps</source>
            <translation>其他应用</translation>
        </message>
        <message>
            <source>Memory in GiB</source>
            <translation>内存（GiB）</translation>
        </message>
        <message>
            <source>Weights, KV cache and scratch are what the engine has allocated. Other apps and free are what the system reports.</source>
            <translation>权重、KV 缓存和暂存是引擎已分配的内存。其他应用和空闲由系统报告。</translation>
        </message>
        <message>
            <source>Free</source>
            <translation>空闲</translation>
        </message>
        <message>
            <source>VRAM</source>
            <translation>显存</translation>
        </message>
        <message>
            <source>Weights and KV cache are what the engine has allocated on the card; scratch is the rest that it holds there. Other apps and free are what the driver reports.</source>
            <translation>权重和 KV 缓存是引擎在显卡上分配的显存，暂存是引擎在其中占用的其余部分。其他应用和空闲由驱动程序报告。</translation>
        </message>
    </context>
    <context>
        <name>LivePanel</name>
        <message>
            <source>Memory bandwidth, %1 of %2 gigabytes per second, %3.</source>
            <translation>内存带宽，每秒 %1 / %2 GB，%3。</translation>
        </message>
        <message>
            <source>Memory bandwidth: not measured yet.</source>
            <translation>内存带宽：尚未测量。</translation>
        </message>
        <message>
            <source>Live numbers</source>
            <translation>实时数据</translation>
        </message>
        <message>
            <source>Live</source>
            <translation>实时</translation>
        </message>
        <message>
            <source>Close the live panel</source>
            <translation>关闭实时面板</translation>
        </message>
        <message>
            <source>TTFT</source>
            <translation>TTFT</translation>
        </message>
        <message>
            <source>TPOT p50</source>
            <translation>TPOT p50</translation>
        </message>
        <message>
            <source>TPOT p95</source>
            <translation>TPOT p95</translation>
        </message>
        <message numerus="yes">
            <source>from %1 tokens</source>
            <translation>
                <numerusform>来自 %1 个 token</numerusform>
            </translation>
        </message>
        <message>
            <source>Memory bandwidth</source>
            <translation>内存带宽</translation>
        </message>
        <message>
            <source>of %1</source>
            <translation>/ %1</translation>
        </message>
        <message>
            <source>Bytes read per token over the time of a step, against the measured read bandwidth of this computer. Its measured copy bandwidth is %1.</source>
            <translation>每个 token 读取的字节数除以一步的时间，与这台电脑实测的读取带宽相比。实测复制带宽为 %1。</translation>
        </message>
        <message>
            <source>MBU %1</source>
            <translation>MBU %1</translation>
        </message>
        <message>
            <source>MBU –</source>
            <translation>MBU –</translation>
        </message>
        <message>
            <source>limit: measured reading speed</source>
            <translation>上限：实测读取速度</translation>
        </message>
        <message>
            <source>data sheet: %1</source>
            <translation>标称：%1</translation>
        </message>
        <message>
            <source>Read for the tokens, %1 gigabytes per second.</source>
            <translation>为 token 读取，每秒 %1 GB。</translation>
        </message>
        <message>
            <source>Time to first token: from sending to the first token of this answer, or of the last one.</source>
            <translation>首 token 时间：从发送到本次回答（或上一个回答）的第一个 token。</translation>
        </message>
        <message numerus="yes">
            <source>Time per output token, the middle one of %1 tokens of this answer, or of the last one.</source>
            <translation>
                <numerusform>每个输出 token 的时间，取本次回答（或上一个回答）的 %1 个 token 的中间值。</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Time per output token that 95 of 100 stay below, from %1 tokens of this answer, or of the last one. It needs 20.</source>
            <translation>
                <numerusform>100 个 token 中有 95 个低于的时间，来自本次回答（或上一个回答）的 %1 个 token。至少需要 20 个。</numerusform>
            </translation>
        </message>
        <message>
            <source>Bytes read per token over the time of a step. The model is so small that it stays in the processor's cache, so the memory is no limit for it.</source>
            <translation>每个 token 读取的字节数除以一步的时间。这个模型很小，一直留在处理器缓存里，所以内存不是它的上限。</translation>
        </message>
    </context>
    <context>
        <name>LiveSpeed</name>
        <message>
            <source>Counted while writing, over the last second. The limit is %1: measured read bandwidth of this computer over %2 read for each token.</source>
            <translation>写作时按最近一秒计数。上限为 %1：这台电脑实测的读取带宽，除以每个 token 读取的 %2。</translation>
        </message>
        <message>
            <source>Counted while writing, over the last second. No limit is shown before the read bandwidth has been measured, nor for a model so small that it stays in the processor's cache.</source>
            <translation>写作时按最近一秒计数。测得读取带宽之前不显示上限；模型小到能留在处理器缓存中时也没有这样的上限。</translation>
        </message>
        <message>
            <source>tok/s</source>
            <translation>tok/s</translation>
        </message>
        <message>
            <source>of the limit</source>
            <translation>占上限</translation>
        </message>
        <message>
            <source>%1 tokens per second, %2 of the limit</source>
            <translation>每秒 %1 个 token，占上限的 %2</translation>
        </message>
        <message>
            <source>%1 tokens per second</source>
            <translation>每秒 %1 个 token</translation>
        </message>
        <message>
            <source>Speed: not measured yet</source>
            <translation>速度：尚未测量</translation>
        </message>
        <message>
            <source>Tokens per second over the last 30 seconds</source>
            <translation>最近 30 秒每秒的 token 数</translation>
        </message>
        <message>
            <source>last 30 s</source>
            <translation>最近 30 秒</translation>
        </message>
        <message>
            <source>limit %1</source>
            <translation>上限 %1</translation>
        </message>
        <message>
            <source>The last answer: %1 on average, from %2 to %3.</source>
            <translation>上一个回答：平均 %1，最低 %2，最高 %3。</translation>
        </message>
    </context>
    <context>
        <name>LoadDialog</name>
        <message>
            <source>Load “%1”</source>
            <translation>加载“%1”</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Load</source>
            <translation>加载</translation>
        </message>
    </context>
    <context>
        <name>LoadOutcome</name>
        <message>
            <source>Predicted speed</source>
            <translation>预测速度</translation>
        </message>
        <message>
            <source>%1 tok/s</source>
            <translation>%1 tok/s</translation>
        </message>
        <message>
            <source>Predicted, not measured</source>
            <translation>预测值，非实测</translation>
        </message>
        <message>
            <source>What would help</source>
            <translation>可行的办法</translation>
        </message>
    </context>
    <context>
        <name>LoadParameters</name>
        <message>
            <source>Context</source>
            <translation>上下文</translation>
        </message>
        <message>
            <source>Device</source>
            <translation>设备</translation>
        </message>
        <message>
            <source>Layers on the graphics card</source>
            <translation>显卡上的层数</translation>
        </message>
        <message>
            <source>%1 of %2, as many as fit</source>
            <translation>%2 层中的 %1 层，尽量多放</translation>
        </message>
        <message>
            <source>%1 of %2</source>
            <translation>%2 层中的 %1 层</translation>
        </message>
        <message>
            <source>As many as fit</source>
            <translation>尽量多放</translation>
        </message>
        <message>
            <source>KV cache</source>
            <translation>KV 缓存</translation>
        </message>
        <message>
            <source>Keep as this model&apos;s defaults</source>
            <translation>保存为此模型的默认参数</translation>
        </message>
        <message>
            <source>It has parameters of its own.</source>
            <translation>它有专用参数。</translation>
        </message>
        <message>
            <source>Forget them</source>
            <translation>清除专用参数</translation>
        </message>
    </context>
    <context>
        <name>LoadRoom</name>
        <message>
            <source>Graphics memory</source>
            <translation>显存</translation>
        </message>
        <message>
            <source>Memory</source>
            <translation>内存</translation>
        </message>
        <message>
            <source>%1 of %2 that are free: %3 over</source>
            <translation>需要 %1，可用 %2：超出 %3</translation>
        </message>
        <message>
            <source>%1 of %2 that are free</source>
            <translation>需要 %1，可用 %2</translation>
        </message>
        <message>
            <source>Other programs</source>
            <translation>其他程序</translation>
        </message>
        <message>
            <source>Weights</source>
            <translation>权重</translation>
        </message>
        <message>
            <source>KV cache</source>
            <translation>KV 缓存</translation>
        </message>
        <message>
            <source>Scratch</source>
            <translation>暂存</translation>
        </message>
    </context>
    <context>
        <name>LossSource</name>
        <message>
            <source>Built-in text</source>
            <translation>内置文本</translation>
        </message>
        <message>
            <source>The open chat</source>
            <translation>当前对话</translation>
        </message>
        <message>
            <source>A text file up to 4 MB…</source>
            <translation>文本文件（最大 4 MB）…</translation>
        </message>
        <message>
            <source>The text that is measured on</source>
            <translation>用于测量的文本</translation>
        </message>
        <message>
            <source>Measure on a text</source>
            <translation>选择用于测量的文本</translation>
        </message>
        <message>
            <source>Text (*.txt *.md)</source>
            <translation>文本 (*.txt *.md)</translation>
        </message>
        <message>
            <source>All files (*)</source>
            <translation>所有文件 (*)</translation>
        </message>
    </context>
    <context>
        <name>Main</name>
        <message>
            <source>Undo</source>
            <translation>撤销</translation>
        </message>
    </context>
    <context>
        <name>MessageActions</name>
        <message>
            <source>Actions of this answer</source>
            <translation>此回答的操作</translation>
        </message>
        <message>
            <source>Copied</source>
            <translation>已复制</translation>
        </message>
        <message>
            <source>Copy the answer</source>
            <translation>复制回答</translation>
        </message>
        <message>
            <source>Edit the answer</source>
            <translation>编辑回答</translation>
        </message>
        <message>
            <source>Write the answer again</source>
            <translation>重新写回答</translation>
        </message>
        <message>
            <source>Continue the answer</source>
            <translation>继续写回答</translation>
        </message>
        <message>
            <source>Remove the answer</source>
            <translation>移除此回答</translation>
        </message>
        <message>
            <source>Write several answers</source>
            <translation>写多个回答</translation>
        </message>
        <message numerus="yes">
            <source>%n answer(s) being written</source>
            <translation>
                <numerusform>正在写 %n 个回答</numerusform>
            </translation>
        </message>
        <message>
            <source>%1. Show the prompt</source>
            <translation>%1。查看提示词</translation>
        </message>
        <message>
            <source>Speed: tokens written over the time of writing. TTFT: from sending to the first token. Both measured on this computer. A click shows the prompt: what the model was given, and what of it had to be read.</source>
            <translation>速度：写出的 token 数除以写作时间。TTFT：从发送到第一个 token 的时间。两者都在本机测得。点击可查看提示词：模型得到了什么，其中哪些需要读取。</translation>
        </message>
    </context>
    <context>
        <name>MessageEditor</name>
        <message>
            <source>Editing a message</source>
            <translation>正在编辑消息</translation>
        </message>
        <message>
            <source>Message text</source>
            <translation>消息文字</translation>
        </message>
        <message>
            <source>The old question and its answers are kept as version %1.</source>
            <translation>旧问题及其回答保留为版本 %1。</translation>
        </message>
        <message>
            <source>The old answer is kept as version %1.</source>
            <translation>旧回答保留为版本 %1。</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Send</source>
            <translation>发送</translation>
        </message>
        <message>
            <source>Save</source>
            <translation>保存</translation>
        </message>
    </context>
    <context>
        <name>MessageView</name>
        <message>
            <source>Conversation</source>
            <translation>对话内容</translation>
        </message>
    </context>
    <context>
        <name>ModelButton</name>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Choose or load a model</source>
            <translation>选择或加载模型</translation>
        </message>
        <message>
            <source>Loading %1, %2</source>
            <translation>正在加载 %1，%2</translation>
        </message>
        <message>
            <source>%1 could not be loaded</source>
            <translation>无法加载 %1</translation>
        </message>
        <message>
            <source>Model: %1</source>
            <translation>模型：%1</translation>
        </message>
        <message>
            <source>Choose a model</source>
            <translation>选择模型</translation>
        </message>
        <message>
            <source>Cancel loading</source>
            <translation>取消加载</translation>
        </message>
        <message>
            <source>Model: %1, its memory is given back until the next question</source>
            <translation>模型：%1，内存已释放，下一个问题会重新加载</translation>
        </message>
    </context>
    <context>
        <name>ModelCard</name>
        <message>
            <source>tok/s</source>
            <translation>tok/s</translation>
        </message>
        <message>
            <source>Memory needed</source>
            <translation>所需内存</translation>
        </message>
        <message>
            <source>Loaded</source>
            <translation>已加载</translation>
        </message>
        <message>
            <source>Load</source>
            <translation>加载</translation>
        </message>
    </context>
    <context>
        <name>ModelDialogs</name>
        <message>
            <source>Add a model file</source>
            <translation>添加模型文件</translation>
        </message>
        <message>
            <source>GGUF models (*.gguf)</source>
            <translation>GGUF 模型 (*.gguf)</translation>
        </message>
        <message>
            <source>All files (*)</source>
            <translation>所有文件 (*)</translation>
        </message>
        <message>
            <source>Add a folder with models</source>
            <translation>添加模型文件夹</translation>
        </message>
    </context>
    <context>
        <name>ModelPicker</name>
        <message>
            <source>Find a model</source>
            <translation>查找模型</translation>
        </message>
        <message>
            <source>Models</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>No model found</source>
            <translation>没有找到模型</translation>
        </message>
        <message>
            <source>Try again</source>
            <translation>重试</translation>
        </message>
        <message>
            <source>Add a file…</source>
            <translation>添加文件…</translation>
        </message>
        <message>
            <source>Add a folder…</source>
            <translation>添加文件夹…</translation>
        </message>
        <message>
            <source>Cancel loading</source>
            <translation>取消加载</translation>
        </message>
        <message>
            <source>Give its memory back</source>
            <translation>释放它的内存</translation>
        </message>
    </context>
    <context>
        <name>ModelRow</name>
        <message>
            <source>Predicted: %1 tokens per second</source>
            <translation>预测：每秒 %1 个 token</translation>
        </message>
        <message>
            <source>Toy</source>
            <translation>玩具</translation>
        </message>
        <message>
            <source>%1 tok/s</source>
            <translation>%1 tok/s</translation>
        </message>
        <message>
            <source>Predicted, not measured</source>
            <translation>预测值，非实测</translation>
        </message>
        <message>
            <source>Load with parameters</source>
            <translation>用参数加载</translation>
        </message>
    </context>
    <context>
        <name>ModelText</name>
        <message>
            <source>%1 over</source>
            <translation>超出 %1</translation>
        </message>
        <message>
            <source>For a context of %1.</source>
            <translation>上下文为 %1。</translation>
        </message>
        <message>
            <source>It fits with a shorter context only: %1.</source>
            <translation>只有用更短的上下文才放得下：%1。</translation>
        </message>
        <message>
            <source>Loaded, %1 tokens of context</source>
            <translation>已加载，上下文 %1 个 token</translation>
        </message>
        <message>
            <source>Fits with %1 tokens of context, %2</source>
            <translation>可加载，上下文 %1 个 token，%2</translation>
        </message>
        <message>
            <source>Fits with a shorter context, %1 tokens, %2</source>
            <translation>缩短上下文到 %1 个 token 后可加载，%2</translation>
        </message>
        <message>
            <source>Needs %1 of memory, more than is free</source>
            <translation>需要 %1 内存，超过可用内存</translation>
        </message>
        <message>
            <source>Needs %1 of memory</source>
            <translation>需要 %1 内存</translation>
        </message>
        <message>
            <source>%1 of %2 layers on the graphics card, the others on the processor.</source>
            <translation>%2 层中有 %1 层在显卡上，其余在处理器上。</translation>
        </message>
        <message>
            <source>On the processor: too large for the free graphics memory.</source>
            <translation>在处理器上运行：空闲显存放不下。</translation>
        </message>
        <message>
            <source>Built in, for a first try. It tells simple stories.</source>
            <translation>内置，用来先试一试。会讲简单的英文故事。</translation>
        </message>
        <message>
            <source>%1. %2</source>
            <translation>%1。%2</translation>
        </message>
        <message>
            <source>A toy for trying things out.</source>
            <translation>用来试一试的玩具模型。</translation>
        </message>
        <message>
            <source>%1, %2, %3. %4</source>
            <translation>%1，%2，%3。%4</translation>
        </message>
        <message>
            <source>%1, %2</source>
            <translation>%1，%2</translation>
        </message>
        <message>
            <source>Suits this computer best.</source>
            <translation>最适合这台电脑。</translation>
        </message>
        <message>
            <source>The graphics card's bandwidth by its data sheet over the bytes read for each token. It is measured when a model is loaded.</source>
            <translation>显卡数据手册上的带宽除以每个 token 读取的字节数。加载模型时会实测。</translation>
        </message>
        <message>
            <source>By the measured read bandwidth alone, over the bytes read for each token: it will rather be less. How fast each format is read is measured while nothing is written.</source>
            <translation>仅按实测读取带宽除以每个 token 读取的字节数估算，实际多半更低。各种格式的读取速度会在空闲时实测。</translation>
        </message>
        <message>
            <source>The bytes read for each token, at the rates that were measured here for each of its formats.</source>
            <translation>每个 token 读取的字节数，按本机实测的各种格式的读取速度计算。</translation>
        </message>
        <message>
            <source>the model's own context</source>
            <translation>模型自身的上下文长度</translation>
        </message>
        <message>
            <source>the longest context that fits</source>
            <translation>放得下的最长上下文</translation>
        </message>
        <message>
            <source>on the processor</source>
            <translation>在处理器上</translation>
        </message>
        <message>
            <source>on the graphics card</source>
            <translation>在显卡上</translation>
        </message>
        <message numerus="yes">
            <source>%n layer(s) on the graphics card</source>
            <translation>
                <numerusform>%n 层在显卡上</numerusform>
            </translation>
        </message>
        <message>
            <source>, </source>
            <translation>，</translation>
        </message>
    </context>
    <context>
        <name>NewFolderDialog</name>
        <message>
            <source>New folder</source>
            <translation>新建文件夹</translation>
        </message>
        <message>
            <source>Name of the folder</source>
            <translation>文件夹名称</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Create</source>
            <translation>创建</translation>
        </message>
    </context>
    <context>
        <name>OwnModelsCard</name>
        <message>
            <source>Your own models</source>
            <translation>你自己的模型</translation>
        </message>
        <message>
            <source>GGUF files are used where they lie. They are not copied, moved or changed.</source>
            <translation>GGUF 文件就地使用，不会被复制、移动或修改。</translation>
        </message>
    </context>

    <context>
        <name>QuantizeMethod</name>
        <message>
            <source>A text of your own…</source>
            <translation>自己的文本…</translation>
        </message>
        <message>
            <source>Method</source>
            <translation>方法</translation>
        </message>
        <message>
            <source>Text</source>
            <translation>文本</translation>
        </message>
        <message>
            <source>Text that the model reads</source>
            <translation>供模型读取的文本</translation>
        </message>
    </context>
    <context>
        <name>QuantizeText</name>
        <message numerus="yes">
            <source>%n tensor(s) are made by search: GPTQ knows nothing of their type.</source>
            <translation>
                <numerusform>%n 个张量改用搜索：GPTQ 不支持其格式。</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n tensor(s) become %1 instead of %2, because of their width.</source>
            <translation>
                <numerusform>由于宽度原因，%n 个张量用 %1 代替 %2。</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>AWQ: %n tensor(s) scaled</source>
            <translation>
                <numerusform>AWQ：缩放了 %n 个张量</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>GPTQ on %1: %n tensor(s) with error feedback</source>
            <translation>
                <numerusform>GPTQ，文本 %1：%n 个张量带误差反馈</numerusform>
            </translation>
        </message>
        <message>
            <source>Nothing may be written into this folder: choose another one.</source>
            <translation>这个文件夹不允许写入：请另选一个。</translation>
        </message>
        <message numerus="yes">
            <source>The importance matrix has nothing for %n tensor(s), which are made without.</source>
            <translation>
                <numerusform>重要性矩阵不含 %n 个张量，它们将不使用矩阵。</numerusform>
            </translation>
        </message>
        <message>
            <source>The importance matrix “%1” is damaged, or holds values that are negative or no numbers: choose another one, or none.</source>
            <translation>重要性矩阵“%1”已损坏，或含有负值或非数值。请选择另一个，或不使用。</translation>
        </message>
        <message>
            <source>The importance matrix “%1” is not of this model: choose one that was measured on it, or none.</source>
            <translation>重要性矩阵“%1”不属于此模型。请选择在此模型上测得的，或不使用。</translation>
        </message>
        <message>
            <source>The name must end in .gguf, or it is not found among the models.</source>
            <translation>名称必须以 .gguf 结尾，否则在模型中找不到它。</translation>
        </message>
        <message>
            <source>The new file needs %1, and %2 are free there: make room, or choose a smaller format or another disk.</source>
            <translation>新文件需要 %1，而那里只有 %2 可用：请腾出空间，或选择更小的格式或另一个磁盘。</translation>
        </message>
        <message>
            <source>The new file needs a name.</source>
            <translation>新文件需要名称。</translation>
        </message>
        <message>
            <source>The source is quantized already, most of it as %1: what that has lost stays lost. The model in F16 or BF16 gives a better file.</source>
            <translation>源文件已经量化过，大部分为 %1：已损失的无法恢复。用 F16 或 BF16 的模型会得到更好的文件。</translation>
        </message>
        <message>
            <source>There is a file of this name already: choose another name.</source>
            <translation>已有同名文件：请换一个名称。</translation>
        </message>
        <message>
            <source>This folder is not there any more: choose another one.</source>
            <translation>这个文件夹已不存在：请另选一个。</translation>
        </message>
        <message>
            <source>importance matrix %1</source>
            <translation>重要性矩阵 %1</translation>
        </message>
        <message>
            <source>importance matrix measured on %1</source>
            <translation>重要性矩阵用 %1 测得</translation>
        </message>
        <message>
            <source>%1 of %2</source>
            <comment>file, who has published it</comment>
            <translation>%1 / %2</translation>
        </message>
        <message>
            <source>A file's name has no slashes: choose the folder beside it.</source>
            <translation>文件名不能含斜杠：请在旁边选择文件夹。</translation>
        </message>
        <message>
            <source>Measured first, on %1</source>
            <translation>先用 %1 测量</translation>
        </message>
        <message>
            <source>Measured first, on the built-in text</source>
            <translation>先用内置文本测量</translation>
        </message>
        <message>
            <source>%1 %2 is ready, %3.</source>
            <translation>%1 %2 已就绪，%3。</translation>
        </message>
        <message>
            <source>Made by search</source>
            <translation>由搜索制成</translation>
        </message>
        <message>
            <source>no importance matrix</source>
            <translation>未使用重要性矩阵</translation>
        </message>
    </context>
    <context>
        <name>Rail</name>
        <message>
            <source>Pages</source>
            <translation>页面</translation>
        </message>
    </context>
    <context>
        <name>ReadingCard</name>
        <message>
            <source>Reading what can be read</source>
            <translation>正在读出可读取的内容</translation>
        </message>
        <message>
            <source>Into a new %1, checked as it is written.</source>
            <translation>写入新的 %1，边写边校验。</translation>
        </message>
        <message numerus="yes">
            <source>%1 of %n chat(s)</source>
            <translation>
                <numerusform>%n 个对话中的 %1 个</numerusform>
            </translation>
        </message>
        <message>
            <source>%1 of %2</source>
            <translation>%2 中的 %1</translation>
        </message>
        <message>
            <source>Messages</source>
            <translation>消息</translation>
        </message>
        <message>
            <source>Left out so far</source>
            <translation>目前略过</translation>
        </message>
        <message>
            <source>Set aside as</source>
            <translation>另存原文件为</translation>
        </message>
        <message>
            <source>Stop</source>
            <translation>停止</translation>
        </message>
    </context>
    <context>
        <name>RemoveModelDialog</name>
        <message>
            <source>Move “%1” to the bin?</source>
            <translation>将“%1”移到回收站？</translation>
        </message>
        <message numerus="yes">
            <source>%n file(s), %1. The space is free once the bin is emptied.</source>
            <translation>
                <numerusform>%n 个文件，%1。清空回收站后空间才会释放。</numerusform>
            </translation>
        </message>
        <message>
            <source>It lies in a folder of %1, which will not find it any more.</source>
            <translation>它在 %1 的文件夹里，%1 以后将找不到它。</translation>
        </message>
        <message>
            <source>Keep</source>
            <translation>保留</translation>
        </message>
        <message>
            <source>Move to the bin</source>
            <translation>移到回收站</translation>
        </message>
    </context>
    <context>
        <name>ResultCard</name>
        <message numerus="yes">
            <source>%1 of %n chat(s) are back</source>
            <translation>
                <numerusform>%n 个对话中恢复了 %1 个</numerusform>
            </translation>
        </message>
        <message>
            <source>What is missing is named, so that you know.</source>
            <translation>缺少的内容已列出，供你了解。</translation>
        </message>
        <message>
            <source>Nothing is missing.</source>
            <translation>没有缺少任何内容。</translation>
        </message>
        <message>
            <source>Chats that are not whole</source>
            <translation>不完整的对话</translation>
        </message>
        <message>
            <source>A chat without a name</source>
            <translation>未命名的对话</translation>
        </message>
        <message>
            <source>could not be read</source>
            <translation>无法读取</translation>
        </message>
        <message numerus="yes">
            <source>%1 of %n message(s)</source>
            <translation>
                <numerusform>%n 条消息中的 %1 条</numerusform>
            </translation>
        </message>
        <message>
            <source>The damaged file is kept as %1 until you remove it.</source>
            <translation>损坏的文件已另存为 %1，由你决定何时删除。</translation>
        </message>
        <message>
            <source>Some settings, folders or drafts could not be read.</source>
            <translation>部分设置、文件夹或草稿无法读取。</translation>
        </message>
        <message>
            <source>Show in folder</source>
            <translation>在文件夹中显示</translation>
        </message>
        <message>
            <source>Get it from the backup of %1</source>
            <translation>从%1的备份中取回</translation>
        </message>
        <message>
            <source>Go on</source>
            <translation>继续</translation>
        </message>
    </context>
    <context>
        <name>RoomCard</name>
        <message>
            <source>What fits this computer</source>
            <translation>这台电脑适合多大的模型</translation>
        </message>
        <message>
            <source>Models of up to this size fit into the free graphics memory:</source>
            <translation>空闲显存可容纳的模型大小上限：</translation>
        </message>
        <message>
            <source>Models of up to this size fit into the free memory:</source>
            <translation>空闲内存可容纳的模型大小上限：</translation>
        </message>
        <message>
            <source>A file of %1</source>
            <translation>%1 的文件</translation>
        </message>
        <message>
            <source>%1 tok/s</source>
            <translation>%1 tok/s</translation>
        </message>
        <message>
            <source>Find one on the Models page, or add a GGUF file that you have.</source>
            <translation>在“模型”页面查找，或添加您已有的 GGUF 文件。</translation>
        </message>
    </context>

    <context>
        <name>SamplingPopup</name>
        <message>
            <source>This chat</source>
            <translation>此对话</translation>
        </message>
        <message>
            <source>System prompt</source>
            <translation>系统提示词</translation>
        </message>
        <message>
            <source>System prompt of this chat</source>
            <translation>此对话的系统提示词</translation>
        </message>
        <message>
            <source>None. The model answers as it was trained.</source>
            <translation>无。模型按训练时的方式回答。</translation>
        </message>
        <message>
            <source>Reset</source>
            <translation>重置</translation>
        </message>
        <message>
            <source>Sampling</source>
            <translation>采样</translation>
        </message>
        <message>
            <source>Reset all</source>
            <translation>全部重置</translation>
        </message>
        <message>
            <source>This model</source>
            <translation>此模型</translation>
        </message>
        <message>
            <source>Settings of</source>
            <translation>设置范围</translation>
        </message>
        <message>
            <source>System prompt of this model</source>
            <translation>此模型的系统提示词</translation>
        </message>
    </context>
    <context>
        <name>SamplingRow</name>
        <message>
            <source>Reset %1</source>
            <translation>重置%1</translation>
        </message>
    </context>
    <context>
        <name>SamplingText</name>
        <message>
            <source>Temperature</source>
            <translation>温度</translation>
        </message>
        <message>
            <source>Top-k</source>
            <translation>Top-k</translation>
        </message>
        <message>
            <source>Top-p</source>
            <translation>Top-p</translation>
        </message>
        <message>
            <source>Min-p</source>
            <translation>Min-p</translation>
        </message>
        <message>
            <source>Typical-p</source>
            <translation>Typical-p</translation>
        </message>
        <message>
            <source>Repetition penalty</source>
            <translation>重复惩罚</translation>
        </message>
        <message>
            <source>Presence penalty</source>
            <translation>存在惩罚</translation>
        </message>
        <message>
            <source>Frequency penalty</source>
            <translation>频率惩罚</translation>
        </message>
        <message>
            <source>DRY strength</source>
            <translation>DRY 强度</translation>
        </message>
        <message>
            <source>Longest answer</source>
            <translation>最长回答</translation>
        </message>
        <message>
            <source>Seed</source>
            <translation>随机种子</translation>
        </message>
        <message>
            <source>Low values stay with the most likely words, high values vary more. 0 always takes the most likely one.</source>
            <translation>低值贴近最可能的词，高值变化更多。0 总是取最可能的词。</translation>
        </message>
        <message>
            <source>Only so many of the most likely tokens are considered. 0 considers all.</source>
            <translation>只考虑这么多个最可能的 token。0 表示全部考虑。</translation>
        </message>
        <message>
            <source>Only the most likely tokens that together reach this probability are considered. 1 considers all.</source>
            <translation>只考虑合计达到此概率的最可能的 token。1 表示全部考虑。</translation>
        </message>
        <message>
            <source>Tokens below this share of the best one's probability are left out. 0 leaves out none.</source>
            <translation>概率低于最佳 token 此比例的 token 会被排除。0 表示不排除。</translation>
        </message>
        <message>
            <source>Keeps tokens whose surprise is near the expected one. 1 keeps all.</source>
            <translation>保留意外程度接近期望值的 token。1 表示全部保留。</translation>
        </message>
        <message>
            <source>Above 1, tokens that were used already become less likely. 1 is off.</source>
            <translation>大于 1 时，已用过的 token 变得更不可能。1 为关闭。</translation>
        </message>
        <message>
            <source>Lowers every token that was used already, once. 0 is off.</source>
            <translation>对每个已用过的 token 降低一次。0 为关闭。</translation>
        </message>
        <message>
            <source>Lowers tokens by how often they were used already. 0 is off.</source>
            <translation>按已使用的次数降低 token。0 为关闭。</translation>
        </message>
        <message>
            <source>Lowers tokens that would continue a repeated passage. 0 is off.</source>
            <translation>降低会延续重复段落的 token。0 为关闭。</translation>
        </message>
        <message>
            <source>The answer stops after so many tokens. Empty: no limit but the context.</source>
            <translation>回答在这么多个 token 后停止。留空：只受上下文限制。</translation>
        </message>
        <message>
            <source>The same seed, settings and model give the same answer. Empty: another one each time.</source>
            <translation>相同的种子、设置和模型给出相同的回答。留空：每次不同。</translation>
        </message>
        <message>
            <source>random</source>
            <translation>随机</translation>
        </message>
        <message>
            <source>no limit</source>
            <translation>不限</translation>
        </message>
        <message>
            <source>Penalty window</source>
            <translation>惩罚窗口</translation>
        </message>
        <message>
            <source>How many of the last tokens the three penalties look at. Empty: all of them.</source>
            <translation>三种惩罚回看最近多少个 token。留空：全部。</translation>
        </message>
        <message>
            <source>all</source>
            <translation>全部</translation>
        </message>
        <message>
            <source>From 0 to %1, or empty for “%2”</source>
            <translation>0 到 %1，留空表示“%2”</translation>
        </message>
        <message>
            <source>From %1 to %2</source>
            <translation>%1 到 %2</translation>
        </message>
    </context>
    <context>
        <name>ScrollBar</name>
        <message>
            <source>Vertical scroll bar</source>
            <translation>垂直滚动条</translation>
        </message>
        <message>
            <source>Horizontal scroll bar</source>
            <translation>水平滚动条</translation>
        </message>
    </context>
    <context>
        <name>SearchButton</name>
        <message>
            <source>Search all chats</source>
            <translation>搜索所有对话</translation>
        </message>
    </context>
    <context>
        <name>SearchField</name>
        <message>
            <source>Clear</source>
            <translation>清除</translation>
        </message>
    </context>
    <context>
        <name>SearchHitRow</name>
        <message>
            <source>New chat</source>
            <translation>新对话</translation>
        </message>
    </context>
    <context>
        <name>SearchOverlay</name>
        <message>
            <source>More hits than shown. Type more to narrow them down.</source>
            <translation>还有更多结果未显示。输入更多文字可缩小范围。</translation>
        </message>
        <message>
            <source>Nothing found in the time a search may take. Type more to narrow it down.</source>
            <translation>在搜索允许的时间内没有找到。输入更多文字可缩小范围。</translation>
        </message>
        <message>
            <source>Search chats and commands</source>
            <translation>搜索对话和命令</translation>
        </message>
        <message>
            <source>Search all chats</source>
            <translation>搜索所有对话</translation>
        </message>
        <message>
            <source>Titles and messages are searched.</source>
            <translation>会搜索标题和消息。</translation>
        </message>
        <message>
            <source>Searching</source>
            <translation>正在搜索</translation>
        </message>
        <message>
            <source>Nothing found for “%1”</source>
            <translation>没有找到“%1”</translation>
        </message>
    </context>
    <context>
        <name>SectionText</name>
        <message>
            <source>Pinned</source>
            <translation>置顶</translation>
        </message>
        <message>
            <source>Folders</source>
            <translation>文件夹</translation>
        </message>
        <message>
            <source>Today</source>
            <translation>今天</translation>
        </message>
        <message>
            <source>Yesterday</source>
            <translation>昨天</translation>
        </message>
        <message>
            <source>Last 7 days</source>
            <translation>最近 7 天</translation>
        </message>
        <message>
            <source>Last 30 days</source>
            <translation>最近 30 天</translation>
        </message>
        <message>
            <source>Older</source>
            <translation>更早</translation>
        </message>
    </context>
    <context>
        <name>SendButton</name>
        <message>
            <source>Send</source>
            <translation>发送</translation>
        </message>
    </context>
    <context>
        <name>SettingChoices</name>
        <message>
            <source>F32 takes twice the memory of F16.</source>
            <translation>F32 占用的内存是 F16 的两倍。</translation>
        </message>
        <message>
            <source>F16 takes half the memory of F32.</source>
            <translation>F16 占用的内存是 F32 的一半。</translation>
        </message>
        <message>
            <source>%1 % of F16&apos;s memory. Answers may become worse.</source>
            <translation>占用 F16 内存的 %1 %。回答可能变差。</translation>
        </message>
        <message>
            <source>%1 % of F16&apos;s memory. Answers hardly change.</source>
            <translation>占用 F16 内存的 %1 %。回答几乎不变。</translation>
        </message>
        <message>
            <source>%1, values %2</source>
            <translation>%1，值 %2</translation>
        </message>
        <message>
            <source>%1 GB</source>
            <translation>%1 GB</translation>
        </message>
        <message>
            <source>Automatic</source>
            <translation>自动</translation>
        </message>
        <message numerus="yes">
            <source>After %n day(s)</source>
            <translation>
                <numerusform>%n 天后</numerusform>
            </translation>
        </message>
        <message>
            <source>Keep until I delete them</source>
            <translation>保留，直到我删除</translation>
        </message>
        <message>
            <source>%1 px</source>
            <translation>%1 像素</translation>
        </message>
        <message>
            <source>Never</source>
            <translation>从不</translation>
        </message>
        <message numerus="yes">
            <source>After %n minute(s)</source>
            <translation>
                <numerusform>%n 分钟后</numerusform>
            </translation>
        </message>
        <message>
            <source>The model's own</source>
            <translation>模型自身的长度</translation>
        </message>
    </context>
    <context>
        <name>SettingsAbout</name>
        <message>
            <source>About</source>
            <translation>关于</translation>
        </message>
        <message>
            <source>Sotto %1</source>
            <translation>Sotto %1</translation>
        </message>
        <message>
            <source>Apache License 2.0. Answers may be wrong.</source>
            <translation>Apache 许可证 2.0。回答可能有误。</translation>
        </message>
        <message>
            <source>Licences</source>
            <translation>许可证</translation>
        </message>
        <message>
            <source>Keyboard shortcuts</source>
            <translation>键盘快捷键</translation>
        </message>
        <message>
            <source>Show</source>
            <translation>显示</translation>
        </message>
    </context>
    <context>
        <name>SettingsChats</name>
        <message>
            <source>Defaults for chats</source>
            <translation>对话默认值</translation>
        </message>
        <message>
            <source>System prompt</source>
            <translation>系统提示词</translation>
        </message>
        <message>
            <source>Empty: the model's own behaviour</source>
            <translation>留空：模型自身的行为</translation>
        </message>
        <message>
            <source>All sampling settings</source>
            <translation>所有采样设置</translation>
        </message>
        <message>
            <source>Reset all</source>
            <translation>全部重置</translation>
        </message>
        <message>
            <source>Chats in the bin are deleted for good</source>
            <translation>回收站中的对话彻底删除的时间</translation>
        </message>
        <message>
            <source>Counted from the day that each was deleted.</source>
            <translation>从各个对话被删除的那天算起。</translation>
        </message>
    </context>
    <context>
        <name>SettingsDrafts</name>
        <message>
            <source>Drafts</source>
            <translation>草稿</translation>
        </message>
        <message>
            <source>Guess ahead for %1</source>
            <translation>为 %1 预先猜测</translation>
        </message>
        <message>
            <source>Guess ahead</source>
            <translation>预先猜测</translation>
        </message>
        <message>
            <source>Several tokens are guessed and checked in one step. The text is the same; it is off by itself where it does not pay.</source>
            <translation>一次猜测多个 token 并在一步中核对。文字不变；不划算时自动停用。</translation>
        </message>
        <message>
            <source>Files are compared</source>
            <translation>正在比较文件</translation>
        </message>
        <message>
            <source>Used at the next load of the model</source>
            <translation>下次加载模型时生效</translation>
        </message>
        <message>
            <source>The draft model is loaded beside it.</source>
            <translation>草稿模型会与它一同加载。</translation>
        </message>
        <message>
            <source>Load again</source>
            <translation>重新加载</translation>
        </message>
    </context>
    <context>
        <name>DraftRow</name>
        <message>
            <source>%1 plain, %2 tokens per step</source>
            <translation>普通速度的 %1，每步 %2 个 token</translation>
        </message>
        <message>
            <source>%1 plain</source>
            <translation>普通速度的 %1</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::DraftModelList</name>
        <message>
            <source>Too large to pay: a guess would read %1, a token of the model %2.</source>
            <translation>太大，不划算：猜一次要读取 %1，模型的一个 token 读取 %2。</translation>
        </message>
        <message>
            <source>Another vocabulary: its tokens mean something else.</source>
            <translation>词表不同：它的 token 含义不同。</translation>
        </message>
        <message>
            <source>Off, plain</source>
            <translation>关闭，普通速度</translation>
        </message>
        <message>
            <source>n-gram, from this chat</source>
            <translation>n-gram，依据本对话</translation>
        </message>
        <message>
            <source>%1 plain</source>
            <translation>普通速度的 %1</translation>
        </message>
        <message>
            <source>, </source>
            <translation>，</translation>
        </message>
    </context>
    <context>
        <name>SettingsEngine</name>
        <message>
            <source>Engine</source>
            <translation>引擎</translation>
        </message>
        <message>
            <source>Device</source>
            <translation>设备</translation>
        </message>
        <message>
            <source>%1, reads %2</source>
            <translation>%1，读取 %2</translation>
        </message>
        <message>
            <source>KV cache type</source>
            <translation>KV 缓存类型</translation>
        </message>
        <message>
            <source>Context length</source>
            <translation>上下文长度</translation>
        </message>
        <message>
            <source>The largest that fits, up to 32,768 tokens. Used at the next load.</source>
            <translation>能容纳的最大值，最多 32,768 个 token。下次加载时生效。</translation>
        </message>
        <message>
            <source>Used at the next load of a model.</source>
            <translation>下次加载模型时生效。</translation>
        </message>
        <message>
            <source>Threads</source>
            <translation>线程</translation>
        </message>
        <message>
            <source>Used at the next start. The text does not depend on it.</source>
            <translation>下次启动时生效。写出的文字与它无关。</translation>
        </message>
        <message>
            <source>%1, reads %2 by its data sheet</source>
            <translation>%1，按规格书读取 %2</translation>
        </message>
        <message>
            <source>%1. Another graphics card is used at the next start.</source>
            <translation>%1。换用另一块显卡在下次启动时生效。</translation>
        </message>
        <message>
            <source>%1. A choice is used at the next load of a model.</source>
            <translation>%1。更改在下次加载模型时生效。</translation>
        </message>
        <message>
            <source>Give memory back when idle</source>
            <translation>空闲时释放内存</translation>
        </message>
        <message>
            <source>The next question loads the model again, which takes as long as at the start.</source>
            <translation>下一个问题会重新加载模型，用时与启动时相同。</translation>
        </message>
        <message>
            <source>Forecasts of speed</source>
            <translation>速度预测</translation>
        </message>
        <message numerus="yes">
            <source>The last ones were off by ± %1 over %n model(s).</source>
            <translation>
                <numerusform>最近的预测在 %n 个模型上偏差 ± %1。</numerusform>
            </translation>
        </message>
        <message>
            <source>How far they are off is told after an answer of at least 64 tokens.</source>
            <translation>得到一个至少 64 个 token 的回答后，这里会说明偏差。</translation>
        </message>
    </context>
    <context>
        <name>SettingsGeneral</name>
        <message>
            <source>General</source>
            <translation>通用</translation>
        </message>
        <message>
            <source>Language</source>
            <translation>语言</translation>
        </message>
        <message>
            <source>System</source>
            <translation>系统</translation>
        </message>
        <message>
            <source>Theme</source>
            <translation>主题</translation>
        </message>
        <message>
            <source>Dark</source>
            <translation>深色</translation>
        </message>
        <message>
            <source>Light</source>
            <translation>浅色</translation>
        </message>
        <message>
            <source>Text size in chats</source>
            <translation>对话文字大小</translation>
        </message>
        <message>
            <source>Reduce motion</source>
            <translation>减少动态效果</translation>
        </message>
        <message>
            <source>No easing and no sliding panels; charts step.</source>
            <translation>没有缓动和滑动面板；图表逐步变化。</translation>
        </message>
        <message>
            <source>Enter sends the message</source>
            <translation>按 Enter 发送消息</translation>
        </message>
        <message>
            <source>Shift+Enter starts a new line.</source>
            <translation>Shift+Enter 换行。</translation>
        </message>
        <message>
            <source>Enter starts a new line, Ctrl+Enter sends.</source>
            <translation>Enter 换行，Ctrl+Enter 发送。</translation>
        </message>
        <message>
            <source>Open the last chat at the start</source>
            <translation>启动时打开上次的对话</translation>
        </message>
        <message>
            <source>Otherwise Sotto starts with a new chat. Temporary chats are never opened again.</source>
            <translation>否则以新对话开始。临时对话不会再次打开。</translation>
        </message>
    </context>
    <context>
        <name>SettingsMemory</name>
        <message>
            <source>Memory</source>
            <translation>内存</translation>
        </message>
        <message>
            <source>Keep what was read on this disk</source>
            <translation>把读过的内容留在本机磁盘</translation>
        </message>
        <message>
            <source>A long chat goes on at once, also after a restart. It stays on this computer. Never written for temporary chats.</source>
            <translation>长对话可立即继续，重启后也是。内容只留在本机；临时对话从不写入。</translation>
        </message>
        <message>
            <source>Chats are in memory only now, so nothing is kept of them.</source>
            <translation>对话目前只在内存中，因此不会保留读过的内容。</translation>
        </message>
        <message>
            <source>On disk</source>
            <translation>磁盘占用</translation>
        </message>
        <message>
            <source>%1 of %2</source>
            <translation>%1 / %2</translation>
        </message>
        <message>
            <source>Prefix cache on disk: %1</source>
            <translation>磁盘上的前缀缓存：%1</translation>
        </message>
        <message>
            <source>At most</source>
            <translation>上限</translation>
        </message>
        <message>
            <source>Oldest chats go first. Never more than a tenth of the free disk.</source>
            <translation>最久未用的对话先清除；不超过磁盘可用空间的十分之一。</translation>
        </message>
        <message>
            <source>Oldest chats go first. The disk has little room left: a tenth of it is %1.</source>
            <translation>最久未用的对话先清除。磁盘剩余空间不多：其十分之一是 %1。</translation>
        </message>
        <message>
            <source>Written to the disk</source>
            <translation>写入磁盘</translation>
        </message>
        <message>
            <source>%1 today, %2 this hour</source>
            <translation>今天 %1，最近一小时 %2</translation>
        </message>
        <message>
            <source>Written this hour: %1</source>
            <translation>最近一小时写入：%1</translation>
        </message>
        <message>
            <source>A chat in the bin</source>
            <translation>回收站中的对话</translation>
        </message>
        <message>
            <source>Forget what was read of “%1”. The chat stays.</source>
            <translation>清除“%1”读过的内容，对话保留。</translation>
        </message>
        <message>
            <source>Forget all</source>
            <translation>全部清除</translation>
        </message>
        <message>
            <source>Chats stay; each is read once more when it goes on. What was kept of a chat goes with it when that is deleted for good.</source>
            <translation>对话保留，继续时会重新读取一次。对话彻底删除时，为它保留的内容随之删除。</translation>
        </message>
    </context>
    <context>
        <name>SettingsPage</name>
        <message>
            <source>Drafts</source>
            <translation>草稿</translation>
        </message>
        <message>
            <source>Memory</source>
            <translation>内存</translation>
        </message>
        <message>
            <source>Settings</source>
            <translation>设置</translation>
        </message>
        <message>
            <source>General</source>
            <translation>通用</translation>
        </message>
        <message>
            <source>Defaults for chats</source>
            <translation>对话默认值</translation>
        </message>
        <message>
            <source>Engine</source>
            <translation>引擎</translation>
        </message>
        <message>
            <source>Privacy</source>
            <translation>隐私</translation>
        </message>
        <message>
            <source>Storage</source>
            <translation>存储</translation>
        </message>
        <message>
            <source>About</source>
            <translation>关于</translation>
        </message>
    </context>
    <context>
        <name>SettingsPrivacy</name>
        <message>
            <source>Privacy</source>
            <translation>隐私</translation>
        </message>
        <message>
            <source>Sotto has no telemetry.</source>
            <translation>Sotto 没有遥测。</translation>
        </message>
        <message>
            <source>%1 bytes sent since start.</source>
            <translation>启动以来已发送 %1 字节。</translation>
        </message>
        <message>
            <source>No account, no usage data, no crash reports. It goes online only for searches and downloads that you start; a download that is not whole goes on at the next start.</source>
            <translation>没有账号、没有使用数据、没有崩溃报告。仅在您开始搜索或下载时才会联网；未完成的下载会在下次启动时继续。</translation>
        </message>
        <message>
            <source>Block all network use</source>
            <translation>禁止一切网络使用</translation>
        </message>
        <message>
            <source>Switches off model search and downloads</source>
            <translation>关闭模型搜索和下载</translation>
        </message>
        <message>
            <source>Model hub</source>
            <translation>模型中心</translation>
        </message>
        <message>
            <source>Hugging Face, or a mirror of it</source>
            <translation>Hugging Face 或其镜像</translation>
        </message>
        <message>
            <source>Hugging Face token</source>
            <translation>Hugging Face 令牌</translation>
        </message>
        <message>
            <source>Enter</source>
            <translation>输入</translation>
        </message>
        <message>
            <source>Replace</source>
            <translation>更换</translation>
        </message>
        <message>
            <source>Connections</source>
            <translation>网络连接</translation>
        </message>
        <message>
            <source>When, to whom, why, and how much</source>
            <translation>时间、对象、原因和数据量</translation>
        </message>
        <message>
            <source>Show</source>
            <translation>显示</translation>
        </message>
    </context>
    <context>
        <name>SettingsStorage</name>
        <message>
            <source>Storage</source>
            <translation>存储</translation>
        </message>
        <message>
            <source>Model folders</source>
            <translation>模型文件夹</translation>
        </message>
        <message>
            <source>None yet. GGUF files are used where they lie.</source>
            <translation>还没有。GGUF 文件在原处使用。</translation>
        </message>
        <message>
            <source>GGUF files are used where they lie.</source>
            <translation>GGUF 文件在原处使用。</translation>
        </message>
        <message>
            <source>Add folder</source>
            <translation>添加文件夹</translation>
        </message>
        <message>
            <source>Forget this folder. Its files stay.</source>
            <translation>忘记此文件夹，其中的文件保留。</translation>
        </message>
        <message>
            <source>Chats, folders and settings</source>
            <translation>对话、文件夹和设置</translation>
        </message>
        <message>
            <source>In one file on this computer</source>
            <translation>在这台电脑的一个文件中</translation>
        </message>
        <message>
            <source>Folder with GGUF files</source>
            <translation>存放 GGUF 文件的文件夹</translation>
        </message>
    </context>
    <context>
        <name>ShortcutsOverlay</name>
        <message>
            <source>Keyboard shortcuts</source>
            <translation>键盘快捷键</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::ImportanceFinder</name>
        <message>
            <source>%1 downloads</source>
            <translation>%1 次下载</translation>
        </message>
        <message>
            <source>Connecting</source>
            <translation>正在连接</translation>
        </message>
        <message>
            <source>The download did not begin</source>
            <translation>下载未能开始</translation>
        </message>
        <message>
            <source>gated</source>
            <translation>需授权</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::LedgerModel</name>
        <message>
            <source>Search for models</source>
            <translation>搜索模型</translation>
        </message>
        <message>
            <source>List of files</source>
            <translation>文件列表</translation>
        </message>
        <message>
            <source>Place of a file</source>
            <translation>文件位置</translation>
        </message>
        <message>
            <source>Header of a model</source>
            <translation>模型文件头</translation>
        </message>
        <message>
            <source>Download</source>
            <translation>下载</translation>
        </message>
        <message>
            <source>under way</source>
            <translation>进行中</translation>
        </message>
        <message>
            <source>ended without a result</source>
            <translation>未得到结果即结束</translation>
        </message>
        <message>
            <source>Sotto ended before this connection did: what it sent and received is not known.</source>
            <translation>Sotto 在此连接结束之前就已退出：发送和接收的数据量未知。</translation>
        </message>
        <message>
            <source>no answer</source>
            <translation>无应答</translation>
        </message>
        <message>
            <source>refused (%1)</source>
            <translation>被拒绝（%1）</translation>
        </message>
        <message>
            <source>broke off</source>
            <translation>已中断</translation>
        </message>
        <message>
            <source>complete</source>
            <translation>完成</translation>
        </message>
        <message numerus="yes">
            <source>%n connection(s) could not be written down.</source>
            <translation>
                <numerusform>有 %n 个连接未能记录。</numerusform>
            </translation>
        </message>
    <message>
        <source>Model card</source>
        <translation>模型卡片</translation>
    </message>
    </context>
    <context>
        <name>sotto::app::NetworkController</name>
        <message>
            <source>In the system&apos;s keyring, for gated models</source>
            <translation>在系统密钥环中，用于受限模型</translation>
        </message>
        <message>
            <source>In a file that only you can read, for gated models</source>
            <translation>在只有您能读取的文件中，用于受限模型</translation>
        </message>
        <message>
            <source>Until Sotto is closed, for gated models</source>
            <translation>保留到 Sotto 关闭为止，用于受限模型</translation>
        </message>
        <message>
            <source>None. Gated models need one.</source>
            <translation>没有。受限模型需要令牌。</translation>
        </message>
        <message>
            <source>This is no address of a hub: it begins with https://, as in %1.</source>
            <translation>这不是模型中心的地址：它应以 https:// 开头，例如 %1。</translation>
        </message>
        <message>
            <source>The token is still in the system&apos;s keyring: remove it there, or try again.</source>
            <translation>令牌仍在系统密钥环中：请在那里移除，或重试。</translation>
        </message>
        <message>
            <source>Other users of this computer can read the token in %1, which cannot be changed: delete this file, and enter the token again.</source>
            <translation>本机其他用户可以读取 %1 中的令牌，且无法更改：请删除此文件并重新输入令牌。</translation>
        </message>
        <message>
            <source>This is no access token: it has no blanks and begins with hf_.</source>
            <translation>这不是访问令牌：令牌不含空格，以 hf_ 开头。</translation>
        </message>
    </context>
    <context>
        <name>SourceLabel</name>
        <message>
            <source>set in this chat</source>
            <translation>在此对话中设置</translation>
        </message>
        <message>
            <source>set for this model</source>
            <translation>为此模型设置</translation>
        </message>
        <message>
            <source>from the app's settings</source>
            <translation>来自应用设置</translation>
        </message>
        <message>
            <source>default</source>
            <translation>默认</translation>
        </message>
    </context>
    <context>
        <name>Spinner</name>
        <message>
            <source>Working</source>
            <translation>正在处理</translation>
        </message>
    </context>
    <context>
        <name>StopText</name>
        <message>
            <source>stopped at a stop string</source>
            <translation>遇到停止字符串，停止</translation>
        </message>
        <message>
            <source>stopped at the token limit</source>
            <translation>已到 token 上限，停止</translation>
        </message>
        <message>
            <source>stopped, the context is full</source>
            <translation>上下文已满，停止</translation>
        </message>
        <message>
            <source>stopped by you</source>
            <translation>由你停止</translation>
        </message>
        <message>
            <source>Interrupted: Sotto ended while this was written.</source>
            <translation>已中断：写到这里时 Sotto 结束了。</translation>
        </message>
        <message>
            <source>Interrupted before the first word.</source>
            <translation>在写出第一个字之前已中断。</translation>
        </message>
        <message>
            <source>Stopped before the first word.</source>
            <translation>在写出第一个字之前已停止。</translation>
        </message>
        <message>
            <source>The model ended without a word.</source>
            <translation>模型没有写出任何内容就结束了。</translation>
        </message>
        <message>
            <source>interrupted</source>
            <translation>已中断</translation>
        </message>
    </context>
    <context>
        <name>StorageBanner</name>
        <message>
            <source>Try again</source>
            <translation>重试</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
    </context>
    <context>
        <name>TableBlock</name>
        <message numerus="yes">
            <source>Table with %n rows</source>
            <translation>
                <numerusform>表格，共 %n 行</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>TemporaryNotice</name>
        <message>
            <source>Temporary chat. It is kept in memory only.</source>
            <translation>临时对话，只保存在内存中。</translation>
        </message>
    </context>
    <context>
        <name>TextMenu</name>
        <message>
            <source>Copy</source>
            <translation>复制</translation>
        </message>
        <message>
            <source>Copy as Markdown</source>
            <translation>复制为 Markdown</translation>
        </message>
        <message>
            <source>Select all of this message</source>
            <translation>选择整条消息</translation>
        </message>
        <message>
            <source>Open link</source>
            <translation>打开链接</translation>
        </message>
        <message>
            <source>Copy link</source>
            <translation>复制链接</translation>
        </message>
        <message>
            <source>Copy the message</source>
            <translation>复制消息</translation>
        </message>
        <message>
            <source>Copy the answer</source>
            <translation>复制回答</translation>
        </message>
        <message>
            <source>Edit the message</source>
            <translation>编辑消息</translation>
        </message>
        <message>
            <source>Edit the answer</source>
            <translation>编辑回答</translation>
        </message>
        <message>
            <source>Write the answer again</source>
            <translation>重新写回答</translation>
        </message>
        <message>
            <source>Find in this chat</source>
            <translation>在本对话中查找</translation>
        </message>
        <message>
            <source>Write several answers</source>
            <translation>写多个回答</translation>
        </message>
    </context>
    <context>
        <name>ThinkingBlock</name>
        <message>
            <source>Thinking… %1 s</source>
            <translation>正在思考… %1 秒</translation>
        </message>
        <message>
            <source>Thought for %1</source>
            <translation>思考了 %1</translation>
        </message>
        <message>
            <source>Hide the thinking</source>
            <translation>收起思考过程</translation>
        </message>
        <message>
            <source>Show the thinking</source>
            <translation>展开思考过程</translation>
        </message>
    </context>
    <context>
        <name>TokenDialog</name>
        <message>
            <source>Access token</source>
            <translation>访问令牌</translation>
        </message>
        <message>
            <source>Some models are given out only to an account that accepted their terms. The token is sent to %1 and to nobody else.</source>
            <translation>有些模型只提供给已接受其条款的账号。令牌只发送给 %1，不会发送给其他任何人。</translation>
        </message>
        <message>
            <source>Remove the token</source>
            <translation>移除令牌</translation>
        </message>
        <message>
            <source>Use this token</source>
            <translation>使用此令牌</translation>
        </message>
    </context>
    <context>
        <name>UnopenedCard</name>
        <message>
            <source>Written by a newer Sotto</source>
            <translation>由更新版本的 Sotto 写入</translation>
        </message>
        <message>
            <source>Another program holds the chats</source>
            <translation>对话数据库被另一个程序占用</translation>
        </message>
        <message>
            <source>This program cannot read %1 without harming it.</source>
            <translation>此程序无法在不损坏 %1 的情况下读取它。</translation>
        </message>
        <message>
            <source>%1 is locked. Sotto tries again when you say so.</source>
            <translation>%1 已被锁定。点击后 Sotto 会再次尝试。</translation>
        </message>
        <message>
            <source>This program</source>
            <translation>此程序</translation>
        </message>
        <message>
            <source>Nothing was changed</source>
            <translation>未作任何更改</translation>
        </message>
        <message>
            <source>Update Sotto to open it, or start with an empty file beside it. The other file stays where it is.</source>
            <translation>请更新 Sotto 后打开，或在旁边新建一个空文件开始。原文件保持不动。</translation>
        </message>
        <message>
            <source>Close that program and try again. The file stays as it is.</source>
            <translation>请关闭那个程序后重试。文件保持原样。</translation>
        </message>
        <message>
            <source>Start beside it</source>
            <translation>在旁边新建</translation>
        </message>
        <message>
            <source>Close Sotto</source>
            <translation>关闭 Sotto</translation>
        </message>
        <message>
            <source>Try now</source>
            <translation>立即重试</translation>
        </message>
    </context>
    <context>
        <name>UserMessage</name>
        <message>
            <source>You: %1</source>
            <translation>你：%1</translation>
        </message>
        <message>
            <source>Copy the message</source>
            <translation>复制消息</translation>
        </message>
        <message>
            <source>Edit the message</source>
            <translation>编辑消息</translation>
        </message>
        <message>
            <source>There is no answer.</source>
            <translation>没有回答。</translation>
        </message>
        <message>
            <source>Remove the message and its answer</source>
            <translation>移除此消息及其回答</translation>
        </message>
    </context>
    <context>
        <name>VersionSwitcher</name>
        <message>
            <source>Version %1 of %2</source>
            <translation>第 %1 个版本，共 %2 个</translation>
        </message>
        <message>
            <source>Previous version</source>
            <translation>上一个版本</translation>
        </message>
        <message>
            <source>Next version</source>
            <translation>下一个版本</translation>
        </message>
    </context>
    <context>
        <name>WindowCommands</name>
        <message>
            <source>New chat</source>
            <translation>新对话</translation>
        </message>
        <message>
            <source>Temporary chat, not saved</source>
            <translation>临时对话，不保存</translation>
        </message>
        <message>
            <source>New folder</source>
            <translation>新建文件夹</translation>
        </message>
        <message>
            <source>Search and commands</source>
            <translation>搜索与命令</translation>
        </message>
        <message>
            <source>Search all chats</source>
            <translation>搜索所有对话</translation>
        </message>
        <message>
            <source>Choose or load a model</source>
            <translation>选择或加载模型</translation>
        </message>
        <message>
            <source>Find in this chat</source>
            <translation>在此对话中查找</translation>
        </message>
        <message>
            <source>Go to the composer</source>
            <translation>转到输入区</translation>
        </message>
        <message>
            <source>Write the answer again</source>
            <translation>重新写回答</translation>
        </message>
        <message>
            <source>Continue the answer</source>
            <translation>继续写回答</translation>
        </message>
        <message>
            <source>Copy the last answer</source>
            <translation>复制最后一个回答</translation>
        </message>
        <message>
            <source>Previous version of the answer</source>
            <translation>回答的上一个版本</translation>
        </message>
        <message>
            <source>Next version of the answer</source>
            <translation>回答的下一个版本</translation>
        </message>
        <message>
            <source>Chat list</source>
            <translation>对话列表</translation>
        </message>
        <message>
            <source>Live panel</source>
            <translation>实时面板</translation>
        </message>
        <message>
            <source>Larger text</source>
            <translation>放大文字</translation>
        </message>
        <message>
            <source>Smaller text</source>
            <translation>缩小文字</translation>
        </message>
        <message>
            <source>Normal text size</source>
            <translation>正常文字大小</translation>
        </message>
        <message>
            <source>All shortcuts</source>
            <translation>所有快捷键</translation>
        </message>
        <message>
            <source>Rename</source>
            <translation>重命名</translation>
        </message>
        <message>
            <source>Move to the bin</source>
            <translation>移到回收站</translation>
        </message>
        <message>
            <source>Menu of the focused row</source>
            <translation>焦点所在行的菜单</translation>
        </message>
        <message>
            <source>Menu</source>
            <translation>菜单键</translation>
        </message>
        <message>
            <source>Stop, then close, then clear the selection</source>
            <translation>停止，然后关闭，然后取消选择</translation>
        </message>
        <message>
            <source>Send</source>
            <translation>发送</translation>
        </message>
        <message>
            <source>New line</source>
            <translation>换行</translation>
        </message>
        <message>
            <source>Edit the last message, in an empty composer</source>
            <translation>输入区为空时编辑最后一条消息</translation>
        </message>
        <message>
            <source>Take back, in the list</source>
            <translation>撤销（在列表中）</translation>
        </message>
        <message>
            <source>Remove the focused message</source>
            <translation>移除当前聚焦的消息</translation>
        </message>
        <message>
            <source>Take back, in the conversation</source>
            <translation>撤销（在对话中）</translation>
        </message>
        <message>
            <source>Delete for good, in the bin</source>
            <translation>彻底删除（在回收站中）</translation>
        </message>
        <message>
            <source>Jobs</source>
            <translation>任务</translation>
        </message>
        <message>
            <source>Job earlier / later</source>
            <translation>任务提前 / 推后</translation>
        </message>
        <message>
            <source>Compare with another model</source>
            <translation>与另一个模型对比</translation>
        </message>
        <message>
            <source>Context inspector</source>
            <translation>上下文查看器</translation>
        </message>
    </context>
    <context>
        <name>WindowPages</name>
        <message>
            <source>Chat</source>
            <translation>对话</translation>
        </message>
        <message>
            <source>Settings</source>
            <translation>设置</translation>
        </message>
        <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
        <message>
            <source>Compare</source>
            <translation>对比</translation>
        </message>
</context>
    <context>
        <name>sotto::app::AnswerProgress</name>
        <message>
            <source>Writing</source>
            <translation>正在书写</translation>
        </message>
        <message>
            <source>Loading the model, %1</source>
            <translation>正在加载模型，%1</translation>
        </message>
        <message>
            <source>Waiting for other answers</source>
            <translation>正在等待其他回答完成</translation>
        </message>
        <message numerus="yes">
            <source>Reading the prompt: %1 of %2 tokens, %3 reused</source>
            <translation>
                <numerusform>正在阅读提示词：%1 / %2 个 token，其中复用 %3 个</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Reading the prompt: %1 of %2 tokens</source>
            <translation>
                <numerusform>正在阅读提示词：%1 / %2 个 token</numerusform>
            </translation>
        </message>
        <message>
            <source>Waiting</source>
            <translation>等待中</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::ChatListModel</name>
        <message>
            <source>“%1” moved to the bin</source>
            <translation>“%1”已移到回收站</translation>
        </message>
        <message>
            <source>New chat</source>
            <translation>新对话</translation>
        </message>
        <message>
            <source>“%1” restored</source>
            <translation>已恢复“%1”</translation>
        </message>
        <message>
            <source>Folder “%1” deleted. It was empty.</source>
            <translation>文件夹“%1”已删除，其中没有对话。</translation>
        </message>
        <message numerus="yes">
            <source>Folder “%1” deleted. Its %n chat(s) are kept below, by date.</source>
            <translation>
                <numerusform>文件夹“%1”已删除，其中 %n 个对话保留在下方，按日期排列。</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>sotto::app::ChatReadiness</name>
        <message>
            <source>The engine could not be started.</source>
            <translation>无法启动引擎。</translation>
        </message>
        <message>
            <source>Choose a model to begin.</source>
            <translation>请先选择一个模型。</translation>
        </message>
        <message>
            <source>The model could not be loaded. Choose another one.</source>
            <translation>无法加载模型。请选择另一个。</translation>
        </message>
        <message>
            <source>This chat could not be read. Open it again.</source>
            <translation>无法读取此对话。请重新打开。</translation>
        </message>
        <message>
            <source>This chat is in the bin. Restore it to go on.</source>
            <translation>此对话在回收站中。恢复后可继续。</translation>
        </message>
        <message>
            <source>A comparison is running and has the engine. Your words stay here until it ends.</source>
            <translation>对比正在进行并占用引擎。你写的内容会保留在这里，直到对比结束。</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::CloseGuard</name>
        <message>
            <source>Another program holds the chats. Sotto waits for it, and closes as soon as everything is written.</source>
            <translation>另一个程序正占用对话文件。Sotto 正在等待，全部写入后就会关闭。</translation>
        </message>
        <message>
            <source>The disk has not answered yet. Sotto closes as soon as everything is written.</source>
            <translation>磁盘尚未响应。Sotto 会在全部写入后关闭。</translation>
        </message>
        <message>
            <source>A message is still being edited. Stay to send or save it; its text is kept as long as Sotto stays open.</source>
            <translation>有一条消息仍在编辑。请先不要关闭，发送或保存后再关闭；只要 Sotto 不关闭，文字就会保留。</translation>
        </message>
        <message>
            <source>The disk is full: %1 free on %2. The text is kept as long as Sotto stays open.</source>
            <translation>磁盘已满：%2 上剩余 %1。只要 Sotto 不关闭，文字就会保留。</translation>
        </message>
        <message>
            <source>The chats may not be written. The text is kept as long as Sotto stays open.</source>
            <translation>对话文件不可写入。只要 Sotto 不关闭，文字就会保留。</translation>
        </message>
        <message>
            <source>Another program holds the chats. The text is kept as long as Sotto stays open.</source>
            <translation>对话数据库被另一个程序占用。只要 Sotto 不关闭，文字就会保留。</translation>
        </message>
        <message>
            <source>The disk reported an error. The text is kept as long as Sotto stays open.</source>
            <translation>磁盘报告错误。只要 Sotto 不关闭，文字就会保留。</translation>
        </message>
        <message>
            <source>The chats could not be written. The text is kept as long as Sotto stays open.</source>
            <translation>对话无法写入。只要 Sotto 不关闭，文字就会保留。</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::InstalledController</name>
        <message>
            <source>“%1” is in the bin. Emptying it frees %2.</source>
            <translation>“%1”已在回收站。清空后释放 %2。</translation>
        </message>
        <message>
            <source>“%1” is not what it was: its content has changed. Download it again.</source>
            <translation>“%1”的内容已改变，请重新下载。</translation>
        </message>
        <message>
            <source>“%1” is whole: it is what the hub has.</source>
            <translation>“%1”完整，与模型库中的一致。</translation>
        </message>
        <message>
            <source>“%1” was read to its end. The next check compares with this one.</source>
            <translation>“%1”已完整读取。下次校验将与这次比较。</translation>
        </message>
        <message>
            <source>“%1” is what it was at the first check.</source>
            <translation>“%1”与首次校验时一致。</translation>
        </message>
        <message>
            <source>The same file lies at %1.</source>
            <translation>同样的文件在 %1。</translation>
        </message>
        <message>
            <source>“%1” is read by a comparison. Wait for its end, or stop it first.</source>
            <translation>正在进行的对比需要“%1”。请等它结束，或先停止。</translation>
        </message>
        <message>
            <source>“%1” is still needed by a job in the list. Wait for it, or cancel it first.</source>
            <translation>任务列表中还有任务需要“%1”。请等它完成，或先取消。</translation>
        </message>
        <message>
            <source>“%1” is the model that the chat uses. Load another one first.</source>
            <translation>聊天正在使用模型“%1”。请先加载另一个。</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::JobListModel</name>
        <message>
            <source>A job needs you.</source>
            <translation>有任务需要处理。</translation>
        </message>
        <message>
            <source>A job needs you. %1</source>
            <translation>有任务需要处理。%1</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::LiveStats</name>
        <message>
            <source>heat</source>
            <translation>过热</translation>
        </message>
        <message>
            <source>power limit</source>
            <translation>功耗上限</translation>
        </message>
        <message>
            <source>power supply</source>
            <translation>供电不足</translation>
        </message>
        <message>
            <source>hardware protection</source>
            <translation>硬件保护</translation>
        </message>
        <message>
            <source>clocks set lower</source>
            <translation>频率被调低</translation>
        </message>
        <message>
            <source>waiting for other cards</source>
            <translation>等待其他显卡</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::LoadPlanner</name>
        <message>
            <source>As in Settings</source>
            <translation>与设置相同</translation>
        </message>
        <message>
            <source>There is memory for %1 of context, not for as much as you chose.</source>
            <translation>内存只够 %1 的上下文，达不到所选长度。</translation>
        </message>
        <message>
            <source>KV cache in Q8_0</source>
            <translation>KV 缓存用 Q8_0</translation>
        </message>
        <message>
            <source>KV cache in F16</source>
            <translation>KV 缓存用 F16</translation>
        </message>
        <message>
            <source>%1 of %2 layers on the graphics card</source>
            <translation>显卡上放 %2 层中的 %1 层</translation>
        </message>
        <message>
            <source>On the processor</source>
            <translation>在处理器上运行</translation>
        </message>
        <message>
            <source>%1, %2 tok/s</source>
            <translation>%1，%2 tok/s</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::MessageListModel</name>
        <message>
            <source>You</source>
            <translation>你</translation>
        </message>
        <message>
            <source>Answer</source>
            <translation>回答</translation>
        </message>
        <message>
            <source>Only the beginning of this message could be read.</source>
            <translation>这条消息只读出了开头部分。</translation>
        </message>
        <message>
            <source>“%1 …”</source>
            <translation>“%1 …”</translation>
        </message>
        <message>
            <source>Message 1 is not sent any more, %1 tokens</source>
            <translation>第 1 条消息不再发送，%1 个 token</translation>
        </message>
        <message>
            <source>Messages 1 to %1 are not sent any more, %2 tokens</source>
            <translation>第 1 至 %1 条消息不再发送，%2 个 token</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::ModelController</name>
        <message numerus="yes">
            <source>%n core(s), %1</source>
            <translation>
                <numerusform>%n 核，%1</numerusform>
            </translation>
        </message>
        <message>
            <source>Automatic</source>
            <translation>自动</translation>
        </message>
        <message>
            <source>Processor</source>
            <translation>处理器</translation>
        </message>
        <message>
            <source>The draft model is left out. %1</source>
            <translation>未使用草稿模型。%1</translation>
        </message>
        <message>
            <source>This model's chat template cannot be used (%1). ChatML is used instead.</source>
            <translation>无法使用此模型的对话模板（%1），改用 ChatML。</translation>
        </message>
        <message>
            <source>Memory ran out while this model was loaded, so its context is %1 tokens instead of %2. Close other programs and load it again for the longer one.</source>
            <translation>加载此模型时内存不足，因此上下文为 %1 个 token，而不是 %2 个。请关闭其他程序后重新加载，以使用更长的上下文。</translation>
        </message>
        <message>
            <source>This model was trained for %1 tokens, so its context is not longer; %2 are set.</source>
            <translation>此模型按 %1 个 token 训练，因此上下文不会更长；当前设置为 %2。</translation>
        </message>
        <message numerus="yes">
            <source>%n multiprocessor(s), %1</source>
            <translation>
                <numerusform>%n 个流式多处理器，%1</numerusform>
            </translation>
        </message>
        <message>
            <source>The graphics card that was chosen is not there any more; another one is used.</source>
            <translation>所选的显卡已不在，改用另一块显卡。</translation>
        </message>
        <message>
            <source>The graphics card that was chosen is not there any more; models run on the processor.</source>
            <translation>所选的显卡已不在，模型在处理器上运行。</translation>
        </message>
        <message>
            <source>Models run on the processor, the graphics card cannot be used. %1</source>
            <translation>模型在处理器上运行，显卡无法使用。%1</translation>
        </message>
        <message>
            <source>%1 of %2 layers are on the graphics card, the others on the processor: there is no more graphics memory free.</source>
            <translation>%2 层中有 %1 层在显卡上，其余在处理器上：没有更多空闲显存。</translation>
        </message>
        <message>
            <source>This model runs on the processor: too little graphics memory is free.</source>
            <translation>此模型在处理器上运行：空闲显存不足。</translation>
        </message>
        <message>
            <source>This model runs on the processor, the graphics card cannot be used. %1</source>
            <translation>此模型在处理器上运行，显卡无法使用。%1</translation>
        </message>
        <message>
            <source>“%1” could not be loaded, so the model before it was loaded again. %2</source>
            <translation>“%1” 无法加载，已重新加载之前的模型。%2</translation>
        </message>
        <message>
            <source>≈ is a prediction. %1 After your first reply Sotto shows the measured speed instead.</source>
            <translation>≈ 表示预测。%1第一次回答之后，Sotto 会改为显示实测速度。</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::ModelNotice</name>
        <message>
            <source>“%1” could not be loaded.</source>
            <translation>无法加载“%1”。</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::NumberFormat</name>
        <message>
            <source>%1 tok/s</source>
            <translation>%1 tok/s</translation>
        </message>
        <message>
            <source>%1 ms</source>
            <translation>%1 毫秒</translation>
        </message>
        <message>
            <source>%1 s</source>
            <translation>%1 秒</translation>
        </message>
        <message>
            <source>%1 h %2 min</source>
            <translation>%1 小时 %2 分钟</translation>
        </message>
        <message>
            <source>%1 min %2 s</source>
            <translation>%1 分 %2 秒</translation>
        </message>
        <message>
            <source>%1 RAM</source>
            <translation>%1 内存</translation>
        </message>
        <message>
            <source>%1 VRAM</source>
            <translation>%1 显存</translation>
        </message>
        <message>
            <source>%1 VRAM + %2 RAM</source>
            <translation>%1 显存 + %2 内存</translation>
        </message>
        <message>
            <source>today at %1</source>
            <translation>今天 %1</translation>
        </message>
        <message>
            <source>on %1 at %2</source>
            <translation> %1 %2 </translation>
        </message>
        <message>
            <source>s</source>
            <translation>秒</translation>
        </message>
        <message>
            <source>ms</source>
            <translation>毫秒</translation>
        </message>
        <message numerus="yes">
            <source>%1 tokens</source>
            <translation>
                <numerusform>%1 个 token</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>ChatProblem</name>
        <message>
            <source>Your change could not be saved. It is still in its editor.</source>
            <translation>你的修改无法保存，仍在编辑框中。</translation>
        </message>
        <message>
            <source>Your message could not be saved. It is back where you wrote it.</source>
            <translation>你的消息无法保存，已回到输入的地方。</translation>
        </message>
        <message>
            <source>Your message could not be saved. It is kept as the draft of the new chat.</source>
            <translation>你的消息无法保存，已保留为新对话的草稿。</translation>
        </message>
        <message>
            <source>Your message could not be saved. It is kept as the draft of its chat.</source>
            <translation>你的消息无法保存，已保留为其对话的草稿。</translation>
        </message>
        <message>
            <source>%1 Your message is back where you wrote it.</source>
            <translation>%1 你的消息已回到输入的地方。</translation>
        </message>
        <message>
            <source>%1 Your message is kept as the draft of the new chat.</source>
            <translation>%1 你的消息已保留为新对话的草稿。</translation>
        </message>
        <message>
            <source>%1 Your message is kept as the draft of its chat.</source>
            <translation>%1 你的消息已保留为其对话的草稿。</translation>
        </message>
    </context>
    <context>
        <name>EndNote</name>
        <message>
            <source>Continue</source>
            <translation>继续</translation>
        </message>
        <message>
            <source>Ask again</source>
            <translation>重新提问</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::MessageRemoval</name>
        <message numerus="yes">
            <source>%n message(s) removed</source>
            <translation>
                <numerusform>已移除 %n 条消息</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>Suggestions</name>
        <message>
            <source>Who are you?</source>
            <translation>你是谁？</translation>
        </message>
        <message>
            <source>Tell me a short story about a fox.</source>
            <translation>讲一个关于狐狸的小故事。</translation>
        </message>
        <message>
            <source>What can Sotto do?</source>
            <translation>Sotto 能做什么？</translation>
        </message>
        <message>
            <source>How do I load another model?</source>
            <translation>怎样加载其他模型？</translation>
        </message>
        <message>
            <source>Explain in simple words why the sky is blue.</source>
            <translation>用简单的话解释天空为什么是蓝色的。</translation>
        </message>
        <message>
            <source>Write a polite reply that declines an invitation.</source>
            <translation>写一封婉拒邀请的礼貌回信。</translation>
        </message>
        <message>
            <source>Plan five quick dinners for a week.</source>
            <translation>为一周安排五顿快手晚餐。</translation>
        </message>
        <message>
            <source>Compare bubble sort and quicksort in a table.</source>
            <translation>用表格比较冒泡排序和快速排序。</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::PromptNotice</name>
        <message>
            <source>This model's chat template takes no system prompt; its text is put in front of your first question.</source>
            <translation>此模型的对话模板不接受系统提示词，其内容会放在你的第一个问题之前。</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::QuantizeMethods</name>
        <message>
            <source>AWQ does not know models of the kind “%1”.</source>
            <translation>AWQ 不支持“%1”类模型。</translation>
        </message>
        <message>
            <source>AWQ does not know this kind of model.</source>
            <translation>AWQ 不支持此类模型。</translation>
        </message>
        <message>
            <source>AWQ needs an importance matrix: choose one, or have it measured first.</source>
            <translation>AWQ 需要重要性矩阵：请选择一个，或先测量。</translation>
        </message>
        <message>
            <source>Built-in text</source>
            <translation>内置文本</translation>
        </message>
        <message>
            <source>GPTQ has to run the model, which this version cannot.</source>
            <translation>GPTQ 需要运行模型，而此版本无法运行它。</translation>
        </message>
        <message>
            <source>Loses least. The model reads a text first, on the processor: minutes rather than seconds, hours for a large one.</source>
            <translation>损失最小。模型先在处理器上读一遍文本：需要几分钟而不是几秒，大模型要几小时。</translation>
        </message>
        <message>
            <source>Scales columns that matter, by the importance matrix. Seldom better than the search.</source>
            <translation>按重要性矩阵放大更重要的列。很少优于搜索。</translation>
        </message>
        <message>
            <source>Search</source>
            <translation>搜索</translation>
        </message>
        <message>
            <source>The built-in text is not there: choose a file that the model reads.</source>
            <translation>缺少内置文本：请选择一个供模型读取的文件。</translation>
        </message>
        <message>
            <source>The usual one: no model runs.</source>
            <translation>常用方法，不需要运行模型。</translation>
        </message>
        <message>
            <source>Up to %1 of memory.</source>
            <translation>最多占用 %1 内存。</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::ReadingJob</name>
        <message>
            <source>Waits for another job</source>
            <translation>等待另一项任务</translation>
        </message>
        <message>
            <source>Loads the models</source>
            <translation>正在加载模型</translation>
        </message>
        <message>
            <source>%1 of %2 tokens</source>
            <translation>%1 / %2 个 token</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::TextSelection</name>
        <message>
            <source>Thinking</source>
            <translation>思考过程</translation>
        </message>
    </context>
<context>
    <name>DiscoverColumn</name>
    <message>
        <source>Discover</source>
        <translation>发现</translation>
    </message>
    <message>
        <source>Search %1</source>
        <translation>搜索 %1</translation>
    </message>
    <message>
        <source>Models found</source>
        <translation>找到的模型</translation>
    </message>
</context>
<context>
    <name>DownloadsColumn</name>
    <message>
        <source>Downloads</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>Pause all</source>
        <translation>全部暂停</translation>
    </message>
    <message>
        <source>No downloads</source>
        <translation>没有下载</translation>
    </message>
    <message>
        <source>What you download stays here until it is whole and checked.</source>
        <translation>下载内容会列在这里，直到完整并通过校验。</translation>
    </message>
    <message>
        <source>Speed limit</source>
        <translation>限速</translation>
    </message>
    <message>
        <source>Clear the finished ones</source>
        <translation>清除已完成的</translation>
    </message>
    <message>
        <source>Understood</source>
        <translation>知道了</translation>
    </message>
</context>
<context>
    <name>InstalledColumn</name>
    <message>
        <source>Installed</source>
        <translation>已安装</translation>
    </message>
        <message>
            <source>Order of the models</source>
            <translation>模型的顺序</translation>
        </message>
        <message>
            <source>Last used</source>
            <translation>最近使用</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>No models yet</source>
            <translation>还没有模型</translation>
        </message>
        <message>
            <source>Download one here, or add a file or a folder that you have.</source>
            <translation>在这里下载一个，或添加你已有的文件或文件夹。</translation>
        </message>
</context>
<context>
    <name>InstalledRow</name>
    <message>
        <source>%1 tok/s</source>
        <translation>%1 tok/s</translation>
    </message>
    <message>
        <source>loaded</source>
        <translation>已加载</translation>
    </message>
        <message>
            <source>%1, measured %2</source>
            <translation>%1，实测 %2</translation>
        </message>
        <message>
            <source>being checked</source>
            <translation>正在校验</translation>
        </message>
        <message>
            <source>Unload</source>
            <translation>卸载</translation>
        </message>
        <message>
            <source>Load</source>
            <translation>加载</translation>
        </message>
        <message>
            <source>More</source>
            <translation>更多</translation>
        </message>
        <message>
            <source>%1 with %2 tokens</source>
            <translation>%1（%2 个 token）</translation>
        </message>
        <message>
            <source>Parameters of its own</source>
            <translation>专用参数</translation>
        </message>
</context>
<context>
    <name>ModelsHead</name>
    <message>
        <source>Quantize</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message numerus="yes">
        <source>%n installed, %1</source>
        <translation>
            <numerusform>已安装 %n 个，%1</numerusform>
        </translation>
    </message>
    <message>
        <source>Installed</source>
        <translation>已安装</translation>
    </message>
    <message>
        <source>Discover</source>
        <translation>发现</translation>
    </message>
    <message>
        <source>Downloads</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>Add file</source>
        <translation>添加文件</translation>
    </message>
    <message>
        <source>Offline</source>
        <translation>离线</translation>
    </message>
    <message numerus="yes">
        <source>Downloads, %n running</source>
        <translation>
            <numerusform>下载，%n 个进行中</numerusform>
        </translation>
    </message>
    <message>
        <source>Online: asks %1</source>
        <translation>联网：查询 %1</translation>
    </message>
        <message>
            <source>Context that models are loaded with</source>
            <translation>加载模型时的上下文长度</translation>
        </message>
        <message>
            <source>Context: %1</source>
            <translation>上下文：%1</translation>
        </message>
        <message>
            <source>Context</source>
            <translation>上下文</translation>
        </message>
        <message>
            <source>Memory and speed on this page are for this context. Models without settings of their own are loaded with it.</source>
            <translation>本页的内存和速度都按此上下文计算。没有专用设置的模型也按此加载。</translation>
        </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
</context>
<context>
    <name>DownloadRow</name>
    <message>
        <source>Earlier</source>
        <translation>提前</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Resume now</source>
        <translation>立即继续</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Take from the list</source>
        <translation>从列表中移除</translation>
    </message>
    <message>
        <source>Download again, %1</source>
        <translation>重新下载，%1</translation>
    </message>
    <message>
        <source>Download again</source>
        <translation>重新下载</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>加载</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
</context>
<context>
    <name>FileColumns</name>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>bits/weight</source>
        <translation>比特/权重</translation>
    </message>
    <message>
        <source>tok/s</source>
        <translation>tok/s</translation>
    </message>
    <message>
        <source>Memory for %1 tokens</source>
        <translation>%1 token 所需内存</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
</context>
<context>
    <name>FileRow</name>
    <message>
        <source>Load</source>
        <translation>加载</translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation>解锁</translation>
    </message>
    <message>
        <source>Download %1, %2</source>
        <translation>下载 %1，%2</translation>
    </message>
    <message>
        <source>Reading its header</source>
        <translation>正在读取文件头</translation>
    </message>
    <message>
        <source>No forecast</source>
        <translation>没有预测</translation>
    </message>
    <message>
        <source>Will it fit?</source>
        <translation>能放下吗？</translation>
    </message>
</context>
<context>
    <name>HubText</name>
    <message>
        <source>not yet: Sotto has no “%1”</source>
        <translation>尚不支持：Sotto 还没有“%1”</translation>
    </message>
    <message>
        <source>Most downloads</source>
        <translation>下载最多</translation>
    </message>
    <message>
        <source>Trending</source>
        <translation>热门</translation>
    </message>
    <message>
        <source>Any licence</source>
        <translation>任意许可证</translation>
    </message>
    <message>
        <source>Any size</source>
        <translation>任意大小</translation>
    </message>
    <message>
        <source>up to 3B</source>
        <translation>3B 以下</translation>
    </message>
    <message>
        <source>3B to 9B</source>
        <translation>3B 至 9B</translation>
    </message>
    <message>
        <source>9B to 35B</source>
        <translation>9B 至 35B</translation>
    </message>
    <message>
        <source>from 35B</source>
        <translation>35B 以上</translation>
    </message>
    <message>
        <source>Any family</source>
        <translation>任意系列</translation>
    </message>
    <message>
        <source>Any format</source>
        <translation>任意格式</translation>
    </message>
    <message>
        <source>off</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>%1 MB/s</source>
        <translation>%1 MB/s</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>等待</translation>
    </message>
    <message>
        <source>Paused, the disk is full</source>
        <translation>已暂停，磁盘已满</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Set to offline</source>
        <translation>已设为离线</translation>
    </message>
    <message>
        <source>Connection lost</source>
        <translation>连接中断</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>已中断</translation>
    </message>
    <message>
        <source>Checking SHA-256</source>
        <translation>正在校验 SHA-256</translation>
    </message>
    <message>
        <source>Verified</source>
        <translation>已校验</translation>
    </message>
    <message>
        <source>Damaged, set aside</source>
        <translation>已损坏，另存原文件</translation>
    </message>
    <message>
        <source>%1 are missing on the disk: %2 needed, %3 free. Free some space, or choose a smaller format.</source>
        <translation>磁盘空间还差 %1：需要 %2，可用 %3。请腾出空间，或选择更小的格式。</translation>
    </message>
    <message>
        <source>Recently changed</source>
        <translation>最近更新</translation>
    </message>
</context>
<context>
    <name>ResultFiles</name>
    <message>
        <source>Reading its list of files</source>
        <translation>正在读取文件列表</translation>
    </message>
    <message>
        <source>It has no GGUF file of a model.</source>
        <translation>其中没有模型的 GGUF 文件。</translation>
    </message>
    <message>
        <source>Accept the licence on %1, then add your access token in Settings. It stays on this computer.</source>
        <translation>请在 %1 上接受许可证，然后在设置中添加访问令牌。令牌只保存在本机。</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Model card</source>
        <translation>模型卡片</translation>
    </message>
</context>
<context>
    <name>ResultRow</name>
    <message>
        <source>%1 /</source>
        <translation>%1 /</translation>
    </message>
    <message>
        <source>%1 downloads</source>
        <translation>%1 次下载</translation>
    </message>
    <message>
        <source>Gated</source>
        <translation>需授权</translation>
    </message>
    <message>
        <source>%1 tokens of context</source>
        <translation>上下文 %1 token</translation>
    </message>
    <message>
        <source>changed on %1</source>
        <translation>更新于 %1</translation>
    </message>
    <message>
        <source>architecture supported</source>
        <translation>支持其架构</translation>
    </message>
</context>
<context>
    <name>SearchFilters</name>
    <message>
        <source>Fits here</source>
        <translation>适合本机</translation>
    </message>
    <message>
        <source>Chat models</source>
        <translation>聊天模型</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>许可证</translation>
    </message>
    <message>
        <source>Family</source>
        <translation>系列</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>Order</source>
        <translation>排序</translation>
    </message>
    <message>
        <source>More filters</source>
        <translation>更多筛选</translation>
    </message>
    <message numerus="yes">
        <source>More filters, %n chosen</source>
        <translation><numerusform>更多筛选，已选 %n 项</numerusform></translation>
    </message>
</context>
<context>
    <name>SearchFoot</name>
    <message>
        <source>Further models</source>
        <translation>更多模型</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
</context>
<context>
    <name>SearchState</name>
    <message>
        <source>Find a model on %1</source>
        <translation>在 %1 上查找模型</translation>
    </message>
    <message>
        <source>Sotto is set to offline. Allow connections in Settings → Privacy to search.</source>
        <translation>Sotto 已设为离线。要搜索，请在“设置 → 隐私”中允许连接。</translation>
    </message>
    <message>
        <source>No search is sent before you type or ask for the list.</source>
        <translation>在您输入或请求列表之前，不会发送任何搜索。</translation>
    </message>
    <message>
        <source>Show the most downloaded</source>
        <translation>显示下载最多的模型</translation>
    </message>
    <message>
        <source>Open Settings</source>
        <translation>打开设置</translation>
    </message>
    <message>
        <source>Searching %1</source>
        <translation>正在搜索 %1</translation>
    </message>
    <message>
        <source>Nothing found for “%1”</source>
        <translation>没有找到“%1”</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>没有找到</translation>
    </message>
    <message>
        <source>Try fewer words or fewer conditions.</source>
        <translation>请减少关键词或筛选条件。</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清除</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>No way to a network</source>
        <translation>无法使用网络</translation>
    </message>
    <message>
        <source>The network could not be started, so nothing can be searched or downloaded. Start Sotto again; files of your own can be added at any time.</source>
        <translation>网络无法启动，因此不能搜索或下载。请重新启动 Sotto；您自己的文件随时可以添加。</translation>
    </message>
    <message>
        <source>None among the first %1 models</source>
        <translation>前 %1 个模型中没有符合的</translation>
    </message>
    <message>
        <source>Look further</source>
        <translation>继续查找</translation>
    </message>
</context>
<context>
    <name>sotto::app::DownloadListModel</name>
    <message>
        <source>%1 of %2 running</source>
        <translation>%2 个中 %1 个进行中</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>正在连接</translation>
    </message>
</context>
<context>
    <name>sotto::app::HubFilesModel</name>
    <message>
        <source>Installed</source>
        <translation>已安装</translation>
    </message>
    <message>
        <source>downloading</source>
        <translation>正在下载</translation>
    </message>
    <message>
        <source>%1 tokens per second</source>
        <translation>每秒 %1 个 token</translation>
    </message>
        <message>
            <source>with a shorter context only</source>
            <translation>需要更短的上下文</translation>
        </message>
</context>
<context>
    <name>sotto::app::HubSearchModel</name>
    <message>
        <source>Sotto is set to offline</source>
        <translation>Sotto 已设为离线</translation>
    </message>
    <message>
        <source>Too many requests</source>
        <translation>请求过多</translation>
    </message>
    <message>
        <source>No connection</source>
        <translation>没有连接</translation>
    </message>
    <message>
        <source>The hub could not be searched</source>
        <translation>无法搜索模型库</translation>
    </message>
    <message>
        <source>%1 downloads</source>
        <translation>%1 次下载</translation>
    </message>
    <message>
        <source>gated</source>
        <translation>需授权</translation>
    </message>
    <message>
        <source>files shown</source>
        <translation>已列出文件</translation>
    </message>
</context>
<context>
    <name>FileForecast</name>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>KV cache</source>
        <translation>KV 缓存</translation>
    </message>
    <message>
        <source>Scratch</source>
        <translation>临时</translation>
    </message>
    <message>
        <source>of %1</source>
        <translation>上限 %1</translation>
    </message>
    <message>
        <source>limit %1</source>
        <translation>上限 %1</translation>
    </message>
    <message>
        <source>at least %1</source>
        <translation>至少 %1</translation>
    </message>
        <message>
            <source>%1, tight</source>
            <translation>%1，偏紧</translation>
        </message>
</context>
<context>
    <name>RemoveDialog</name>
    <message>
        <source>Remove “%1” from the downloads?</source>
        <translation>从下载中移除“%1”？</translation>
    </message>
    <message>
        <source>The damaged file is deleted: %1 become free.</source>
        <translation>损坏的文件将被删除：释放 %1。</translation>
    </message>
    <message>
        <source>%1 that came so far are deleted.</source>
        <translation>已下载的 %1 将被删除。</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>保留</translation>
    </message>
    <message>
        <source>Remove, %1</source>
        <translation>移除，%1</translation>
    </message>
</context>
<context>
    <name>CardDialog</name>
    <message>
        <source>Model card. Pictures are shown by their descriptions, and nothing is loaded from elsewhere.</source>
        <translation>模型卡片。图片以其说明文字显示，不会从别处加载任何内容。</translation>
    </message>
    <message>
        <source>Model card of %1</source>
        <translation>%1 的模型卡片</translation>
    </message>
    <message>
        <source>The card is longer than what is read of one. The rest is on the model&apos;s page.</source>
        <translation>这张卡片超出了读取上限，其余内容在模型页面上。</translation>
    </message>
    <message>
        <source>Reading the model card</source>
        <translation>正在读取模型卡片</translation>
    </message>
    <message>
        <source>No model card</source>
        <translation>没有模型卡片</translation>
    </message>
    <message>
        <source>Its author has written none.</source>
        <translation>作者没有写模型卡片。</translation>
    </message>
    <message>
        <source>The model card could not be read</source>
        <translation>无法读取模型卡片</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Open this in your browser? %1</source>
        <translation>要在浏览器中打开吗？%1</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>关闭提示</translation>
    </message>
    <message>
        <source>Open the model&apos;s page</source>
        <translation>打开模型页面</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>RenameModelDialog</name>
    <message>
        <source>Rename the model</source>
        <translation>重命名模型</translation>
    </message>
    <message>
        <source>Name of the model</source>
        <translation>模型名称</translation>
    </message>
    <message>
        <source>The file keeps its own name. An empty field gives “%1” back.</source>
        <translation>文件保留自己的名称。留空则恢复为“%1”。</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
</context>
<context>
    <name>TwinRow</name>
    <message>
        <source>Move to the bin…</source>
        <translation>移到回收站…</translation>
    </message>
</context>
<context>
    <name>TwinsDialog</name>
    <message>
        <source>Duplicates</source>
        <translation>重复文件</translation>
    </message>
    <message>
        <source>%1 can become free. Each of these files has the same content as the others below its name.</source>
        <translation>可释放 %1。同一名称下的文件内容完全相同。</translation>
    </message>
    <message>
        <source>Reading %1 of files that are as large as another one</source>
        <translation>正在读取大小相同的文件，共 %1</translation>
    </message>
    <message>
        <source>Comparing the sizes of the files</source>
        <translation>正在比较文件大小</translation>
    </message>
    <message>
        <source>Looking for duplicates</source>
        <translation>正在查找重复文件</translation>
    </message>
    <message>
        <source>No duplicates</source>
        <translation>没有重复文件</translation>
    </message>
    <message>
        <source>Each model file is there once. Links to one file take no room.</source>
        <translation>每个模型文件只有一份。指向同一文件的链接不占空间。</translation>
    </message>
    <message>
        <source>The files could not be compared</source>
        <translation>无法比较这些文件</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>重新查找</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>sotto::app::TwinListModel</name>
    <message numerus="yes">
        <source>%n file(s) of %1, %2 can become free</source>
        <translation><numerusform>%n 个文件，每个 %1，可释放 %2</numerusform></translation>
    </message>
</context>
<context>
    <name>MixFigures</name>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>KV cache</source>
        <translation>KV 缓存</translation>
    </message>
    <message>
        <source>Scratch</source>
        <translation>临时</translation>
    </message>
    <message>
        <source>%1, tight</source>
        <translation>%1，较紧</translation>
    </message>
    <message>
        <source>at least %1</source>
        <translation>至少 %1</translation>
    </message>
    <message>
        <source>of %1</source>
        <translation>/ %1</translation>
    </message>
    <message>
        <source>limit %1</source>
        <translation>上限 %1</translation>
    </message>
    <message>
        <source>Measured</source>
        <translation>实测</translation>
    </message>
    <message>
        <source>Nats per token from the source, on the built-in text, by a comparison that was kept.</source>
        <translation>每个 token 相对来源的奈特数，由保存的比较用内置文本测得。</translation>
    </message>
</context>
<context>
    <name>MixList</name>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>Bits/weight</source>
        <translation>比特/权重</translation>
    </message>
    <message>
        <source>File size</source>
        <translation>文件大小</translation>
    </message>
    <message>
        <source>Memory,</source>
        <translation>内存，</translation>
    </message>
    <message>
        <source>%1 available</source>
        <translation>可用 %1</translation>
    </message>
    <message>
        <source>tok/s, against its limit</source>
        <translation>tok/s 与其上限</translation>
    </message>
    <message>
        <source>Predicted, not measured</source>
        <translation>预测值，并非实测</translation>
    </message>
    <message>
        <source>From what this computer reads per second, with one chat and a short context.</source>
        <translation>由这台电脑每秒的读取量推算，一个对话，上下文很短。</translation>
    </message>
    <message>
        <source>Expected KL from %1</source>
        <translation>相对 %1 的预计 KL</translation>
    </message>
    <message>
        <source>Expected KL</source>
        <translation>预计 KL</translation>
    </message>
    <message>
        <source>Nats per token, as Llama 3 8B loses them at the same format. Smaller models lose more, larger ones less.</source>
        <translation>每个 token 的奈特数，取自 Llama 3 8B 在同一格式下的损失。较小的模型损失更多，较大的更少。</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
</context>
<context>
    <name>MixRow</name>
    <message>
        <source>suggested</source>
        <translation>建议</translation>
    </message>
    <message>
        <source>installed</source>
        <translation>已安装</translation>
    </message>
</context>
<context>
    <name>QuantizeSource</name>
    <message>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>A model file…</source>
        <translation>模型文件…</translation>
    </message>
    <message>
        <source>A folder in Hugging Face&apos;s form…</source>
        <translation>Hugging Face 格式的文件夹…</translation>
    </message>
</context>
<context>
    <name>QuantizeDialog</name>
    <message>
        <source>Compare with the source</source>
        <translation>与来源比较</translation>
    </message>
    <message>
        <source>Download one in F16 or BF16, or choose a file or a folder in Hugging Face&apos;s form above.</source>
        <translation>请下载一个 F16 或 BF16 模型，或在上方选择文件或 Hugging Face 格式的文件夹。</translation>
    </message>
    <message>
        <source>No model to quantize yet</source>
        <translation>还没有可以量化的模型</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>Context that memory and speed are for</source>
        <translation>内存和速度所对应的上下文</translation>
    </message>
    <message>
        <source>Importance matrix</source>
        <translation>重要性矩阵</translation>
    </message>
    <message>
        <source>A file…</source>
        <translation>文件…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Show in its folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>加载</translation>
    </message>
    <message>
        <source>Continue in background</source>
        <translation>在后台继续</translation>
    </message>
    <message>
        <source>Quantize</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>Delete the source…</source>
        <translation>删除来源…</translation>
    </message>
        <message>
            <source>Look for a published one…</source>
            <translation>查找已发布的…</translation>
        </message>
</context>
<context>
    <name>QuantizeFiles</name>
    <message>
        <source>Choose a model file</source>
        <translation>选择模型文件</translation>
    </message>
    <message>
        <source>Model files (*.gguf)</source>
        <translation>模型文件 (*.gguf)</translation>
    </message>
    <message>
        <source>Choose a folder with config.json and safetensors</source>
        <translation>选择含 config.json 和 safetensors 的文件夹</translation>
    </message>
    <message>
        <source>Choose where the new file goes</source>
        <translation>选择新文件的位置</translation>
    </message>
    <message>
        <source>Choose an importance matrix</source>
        <translation>选择重要性矩阵</translation>
    </message>
    <message>
        <source>Importance matrices (*.gguf *.dat *.imatrix)</source>
        <translation>重要性矩阵 (*.gguf *.dat *.imatrix)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
        <message>
            <source>Choose a text that the model reads</source>
            <translation>选择供模型读取的文本</translation>
        </message>
        <message>
            <source>Texts (*.txt *.md)</source>
            <translation>文本 (*.txt *.md)</translation>
        </message>
</context>
<context>
    <name>QuantizeProgress</name>
    <message>
        <source>%1 becomes %2</source>
        <translation>%1 转为 %2</translation>
    </message>
</context>
<context>
    <name>QuantizeTarget</name>
    <message>
        <source>New file</source>
        <translation>新文件</translation>
    </message>
    <message>
        <source>Name of the new file</source>
        <translation>新文件的名称</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Another folder…</source>
        <translation>其他文件夹…</translation>
    </message>
</context>
<context>
    <name>sotto::app::MixListModel</name>
    <message>
        <source>suggested</source>
        <translation>建议</translation>
    </message>
    <message>
        <source>%1 bits per weight</source>
        <translation>每个权重 %1 比特</translation>
    </message>
    <message>
        <source>with a shorter context only</source>
        <translation>只有较短的上下文才放得下</translation>
    </message>
    <message>
        <source>%1 tokens per second</source>
        <translation>每秒 %1 个 token</translation>
    </message>
    <message>
        <source>expected KL ≈ %1</source>
        <translation>预计 KL ≈ %1</translation>
    </message>
    <message>
        <source>%1 tokens per second, measured</source>
        <translation>每秒 %1 个 token，实测</translation>
    </message>
    <message>
        <source>measured KL %1</source>
        <translation>实测 KL %1</translation>
    </message>
</context>
<context>
    <name>sotto::app::QuantizeController</name>
    <message>
        <source>%1 %2, %3</source>
        <comment>name, type, size</comment>
        <translation>%1 %2，%3</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>%1 of %2 free</source>
        <translation>%1，可用 %2</translation>
    </message>
    <message numerus="yes">
        <source>%n tensor(s)</source>
        <translation>
                <numerusform>%n 个张量</numerusform>
            </translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>Stopped: the list of jobs goes on with it</source>
        <translation>已停止：可在任务列表中继续</translation>
    </message>
    <message>
        <source>Paused: the list of jobs goes on with it</source>
        <translation>已暂停：可在任务列表中继续</translation>
    </message>
    <message>
        <source>Waits for another job</source>
        <translation>等待另一项任务</translation>
    </message>
    <message>
        <source>Reading the source</source>
        <translation>正在读取源文件</translation>
    </message>
        <message>
            <source>The model could not be read</source>
            <translation>无法读取该模型</translation>
        </message>
        <message>
            <source>This importance matrix cannot be used</source>
            <translation>无法使用此重要性矩阵</translation>
        </message>
</context>
    <context>
        <name>ColumnAnswer</name>
        <message>
            <source>Answer of %1</source>
            <translation>%1 的回答</translation>
        </message>
    </context>
    <context>
        <name>ColumnFigures</name>
        <message>
            <source>tok/s</source>
            <translation>tok/s</translation>
        </message>
        <message>
            <source>MBU %1</source>
            <translation>MBU %1</translation>
        </message>
        <message>
            <source>limit %1</source>
            <translation>上限 %1</translation>
        </message>
        <message>
            <source>Speed, %1 of %2 tokens per second</source>
            <translation>速度，每秒 %1 个 token，上限 %2 个</translation>
        </message>
        <message>
            <source>Speed, not measured yet</source>
            <translation>速度，尚未测量</translation>
        </message>
        <message>
            <source>Speed, %1 tokens per second</source>
            <translation>速度，每秒 %1 个 token</translation>
        </message>
        <message>
            <source>Speed of writing</source>
            <translation>书写速度</translation>
        </message>
        <message>
            <source>Tokens after the first over the time they took, of this column alone. The limit is what this device's memory gives out, by the bytes that each token reads.</source>
            <translation>第一个之后的 token 数除以所用时间，只计这一列。上限由设备内存带宽和每个 token 读取的字节数得出。</translation>
        </message>
        <message>
            <source>VRAM</source>
            <translation>显存</translation>
        </message>
        <message>
            <source>Memory</source>
            <translation>内存</translation>
        </message>
    </context>
    <context>
        <name>ColumnWaiting</name>
        <message>
            <source>Columns take turns: this one begins when the one before is done.</source>
            <translation>各列轮流进行：前一列完成后，这一列才开始。</translation>
        </message>
        <message>
            <source>Loads, %1</source>
            <translation>正在加载，%1</translation>
        </message>
        <message>
            <source>Reads the question, %1</source>
            <translation>正在读取问题，%1</translation>
        </message>
    </context>
    <context>
        <name>CompareColumn</name>
        <message>
            <source>reference</source>
            <translation>参照</translation>
        </message>
        <message>
            <source>Stop this column</source>
            <translation>停止这一列</translation>
        </message>
        <message>
            <source>Choose the model</source>
            <translation>选择模型</translation>
        </message>
        <message>
            <source>Remove this column</source>
            <translation>移除这一列</translation>
        </message>
        <message>
            <source>stopped</source>
            <translation>已停止</translation>
        </message>
    </context>
    <context>
        <name>CompareEmpty</name>
        <message>
            <source>A second model is needed</source>
            <translation>还需要一个模型</translation>
        </message>
        <message>
            <source>Two models are needed</source>
            <translation>需要两个模型</translation>
        </message>
        <message>
            <source>Make a smaller one of the model that is here, by Quantize in its menu, or download another one. Then both answer one question side by side.</source>
            <translation>用已有模型菜单中的“量化”制作一个更小的，或再下载一个。然后两者并排回答同一个问题。</translation>
        </message>
        <message>
            <source>Download two, or one and make a smaller one of it. Then both answer one question side by side.</source>
            <translation>下载两个模型，或下载一个再由它量化出更小的。然后两者并排回答同一个问题。</translation>
        </message>
        <message>
            <source>Go to Models</source>
            <translation>前往模型页</translation>
        </message>
    </context>
    <context>
        <name>CompareHead</name>
        <message>
            <source>Compare</source>
            <translation>对比</translation>
        </message>
        <message>
            <source>Live</source>
            <translation>实时</translation>
        </message>
        <message>
            <source>Saved runs</source>
            <translation>已保存的对比</translation>
        </message>
        <message>
            <source>Add column</source>
            <translation>添加列</translation>
        </message>
        <message>
            <source>Export</source>
            <translation>导出</translation>
        </message>
        <message>
            <source>Copy as Markdown</source>
            <translation>复制为 Markdown</translation>
        </message>
        <message>
            <source>Save as Markdown or JSON…</source>
            <translation>保存为 Markdown 或 JSON…</translation>
        </message>
        <message>
            <source>Save the comparison</source>
            <translation>保存对比</translation>
        </message>
        <message>
            <source>Markdown (*.md)</source>
            <translation>Markdown (*.md)</translation>
        </message>
        <message>
            <source>JSON (*.json)</source>
            <translation>JSON (*.json)</translation>
        </message>
        <message>
            <source>Save as picture…</source>
            <translation>保存为图片…</translation>
        </message>
        <message>
            <source>Save the picture of the comparison</source>
            <translation>保存对比图片</translation>
        </message>
        <message>
            <source>Picture (*.png)</source>
            <translation>图片 (*.png)</translation>
        </message>
    </context>
    <context>
        <name>ComparePage</name>
        <message>
            <source>This question is from a temporary chat: the run is not kept.</source>
            <translation>此问题来自临时聊天：这次对比不会保存。</translation>
        </message>
        <message>
            <source>Compare</source>
            <translation>对比</translation>
        </message>
        <message>
            <source>Dismiss</source>
            <translation>关闭</translation>
        </message>
    </context>
    <context>
        <name>CompareText</name>
        <message>
            <source>“%1”</source>
            <translation>“%1”</translation>
        </message>
        <message>
            <source>ends before word %1, %2 %3; other vocabulary, so by word</source>
            <translation>在第 %1 个词之前结束，%2 为%3；词表不同，按词比较</translation>
        </message>
        <message>
            <source>from word %1: %2, %3 ends; other vocabulary, so by word</source>
            <translation>从第 %1 个词起：%2，%3 在此结束；词表不同，按词比较</translation>
        </message>
        <message>
            <source>from word %1: %2, %3 %4; other vocabulary, so by word</source>
            <translation>从第 %1 个词起：%2，%3 为%4；词表不同，按词比较</translation>
        </message>
        <message>
            <source>ends before token %1, %2 %3</source>
            <translation>在第 %1 个 token 之前结束，%2 为%3</translation>
        </message>
        <message>
            <source>from token %1: %2, %3 ends</source>
            <translation>从第 %1 个 token 起：%2，%3 在此结束</translation>
        </message>
        <message>
            <source>from token %1: %2, %3 %4</source>
            <translation>从第 %1 个 token 起：%2，%3 为%4</translation>
        </message>
        <message>
            <source>the same as %1</source>
            <translation>与 %1 相同</translation>
        </message>
        <message>
            <source>the same as %1, as far as both go</source>
            <translation>在两者都有的部分与 %1 相同</translation>
        </message>
        <message>
            <source>so far the same as %1</source>
            <translation>目前与 %1 相同</translation>
        </message>
        <message>
            <source>Greedy, %1</source>
            <translation>贪心，%1</translation>
        </message>
        <message>
            <source>Sampled, %1</source>
            <translation>采样，%1</translation>
        </message>
        <message>
            <source>Here %1 would have said %2, %3 %4.</source>
            <translation>此处 %1 会写 %2，%3 为 %4。</translation>
        </message>
    </context>
    <context>
        <name>PromptBar</name>
        <message>
            <source>Question to all columns</source>
            <translation>给所有列的问题</translation>
        </message>
        <message>
            <source>Ask all of them one question</source>
            <translation>向所有模型提同一个问题</translation>
        </message>
        <message>
            <source>Run</source>
            <translation>运行</translation>
        </message>
        <message>
            <source>Stop all</source>
            <translation>全部停止</translation>
        </message>
    </context>
    <context>
        <name>SamplerPopup</name>
        <message>
            <source>How tokens are chosen</source>
            <translation>如何选择 token</translation>
        </message>
        <message>
            <source>Greedy</source>
            <translation>贪心</translation>
        </message>
        <message>
            <source>As set in Settings</source>
            <translation>按设置采样</translation>
        </message>
        <message>
            <source>Always the likeliest token: what differs is the models' own.</source>
            <translation>总选最可能的 token：差异只来自模型本身。</translation>
        </message>
        <message>
            <source>Drawn with the same seed in all columns.</source>
            <translation>所有列用同一个种子采样。</translation>
        </message>
        <message>
            <source>At most</source>
            <translation>最多</translation>
        </message>
        <message>
            <source>Most tokens of an answer</source>
            <translation>一个回答的最多 token 数</translation>
        </message>
        <message>
            <source>Seed</source>
            <translation>种子</translation>
        </message>
    </context>
    <context>
        <name>SavedRow</name>
        <message>
            <source>Delete this run</source>
            <translation>删除这次对比</translation>
        </message>
    </context>
    <context>
        <name>SavedRuns</name>
        <message>
            <source>Saved runs</source>
            <translation>已保存的对比</translation>
        </message>
        <message>
            <source>No runs kept yet</source>
            <translation>还没有保存的对比</translation>
        </message>
        <message>
            <source>Each run that has answers is kept here by itself, on this computer only.</source>
            <translation>每次有回答的对比都会自动保存在这里，只在这台电脑上。</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::CompareColumnModel</name>
        <message>
            <source>the other columns are compared with this one</source>
            <translation>其他各列与这一列比较</translation>
        </message>
        <message>
            <source>waits for its turn</source>
            <translation>等待轮到它</translation>
        </message>
        <message>
            <source>%1 bits/weight</source>
            <translation>%1 比特/权重</translation>
        </message>
        <message>
            <source>TTFT %1</source>
            <translation>TTFT %1</translation>
        </message>
        <message>
            <source>%1 J per token</source>
            <translation>每 token %1 J</translation>
        </message>
        <message>
            <source>marked: where %1 would have gone another way</source>
            <translation>标记处：%1 会写得不同</translation>
        </message>
        <message>
            <source>would have written the same as %1</source>
            <translation>会写出与 %1 相同的内容</translation>
        </message>
        <message>
            <source>otherwise at %1 of %2 tokens of %3</source>
            <translation>%3 的 %2 个 token 中有 %1 处不同</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::SavedComparisons</name>
        <message>
            <source>This comparison cannot be read: it is damaged, or of a later version.</source>
            <translation>无法读取此对比：它已损坏，或来自更新的版本。</translation>
        </message>
        <message>
            <source>The comparison was deleted.</source>
            <translation>对比已删除。</translation>
        </message>
    </context>
    <context>
        <name>LossPanel</name>
        <message>
            <source>Size against loss</source>
            <translation>大小与损失</translation>
        </message>
        <message>
            <source>mean KL from %1, over file size in GB</source>
            <translation>相对 %1 的平均 KL，横轴为文件大小（GB）</translation>
        </message>
    </context>
    <context>
        <name>LossTable</name>
        <message>
            <source>Format</source>
            <translation>格式</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>Same next word</source>
            <translation>下一个词相同</translation>
        </message>
        <message>
            <source>KL mean</source>
            <translation>KL 平均</translation>
        </message>
        <message>
            <source>KL p99</source>
            <translation>KL p99</translation>
        </message>
        <message>
            <source>Perplexity</source>
            <translation>困惑度</translation>
        </message>
        <message>
            <source>tok/s</source>
            <translation>tok/s</translation>
        </message>
        <message>
            <source>Against %1</source>
            <translation>相对 %1</translation>
        </message>
        <message>
            <source>Stop</source>
            <translation>停止</translation>
        </message>
        <message>
            <source>Measure again</source>
            <translation>重新测量</translation>
        </message>
        <message>
            <source>Measure</source>
            <translation>测量</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::TextMeasurement</name>
        <message>
            <source>built-in text, %1 tokens, %2</source>
            <translation>内置文本，%1 个 token，%2</translation>
        </message>
        <message>
            <source>%1 same next word</source>
            <translation>%1 的下一个词相同</translation>
        </message>
        <message>
            <source> %</source>
            <translation>%</translation>
        </message>
        <message>
            <source>%1 × faster</source>
            <translation>速度为其 %1 倍</translation>
        </message>
        <message>
            <source>%1 × slower</source>
            <translation>速度为其 1/%1</translation>
        </message>
        <message>
            <source>%1 less</source>
            <translation>少用 %1</translation>
        </message>
        <message>
            <source>, </source>
            <translation>，</translation>
        </message>
        <message>
            <source>reference</source>
            <translation>参照</translation>
        </message>
        <message>
            <source>0</source>
            <translation>0</translation>
        </message>
        <message>
            <source>Built-in text</source>
            <translation>内置文本</translation>
        </message>
        <message>
            <source>The open chat</source>
            <translation>当前对话</translation>
        </message>
        <message>
            <source>a chat, %1 tokens, %2</source>
            <translation>对话，%1 个 token，%2</translation>
        </message>
        <message>
            <source>%1, %2 tokens, %3</source>
            <translation>%1，%2 个 token，%3</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::BudgetPlanner</name>
        <message>
            <source>bits</source>
            <comment>unit behind a number: bits per weight</comment>
            <translation>比特</translation>
        </message>
        <message>
            <source>Reading the source</source>
            <translation>正在读取来源</translation>
        </message>
        <message>
            <source>Tries types on samples of the weights, %1</source>
            <translation>正在用权重样本试各种类型，%1</translation>
        </message>
        <message>
            <source>A target is a number above 0: type one such as %1.</source>
            <translation>目标是大于 0 的数：请输入例如 %1。</translation>
        </message>
        <message>
            <source>The source itself has only %1: choose a smaller target.</source>
            <translation>来源本身只有 %1：请选择更小的目标。</translation>
        </message>
        <message>
            <source>This model takes at least %1, and the target is a file of %2: choose a larger one.</source>
            <translation>此模型至少需要 %1，而目标文件是 %2：请选择更大的目标。</translation>
        </message>
        <message>
            <source>The context and its buffers alone take %1 of these %2: choose a shorter context or a larger target.</source>
            <translation>仅上下文及其缓冲区就需要 %1，而总共只有 %2：请选择更短的上下文或更大的目标。</translation>
        </message>
        <message>
            <source>%1, %2 bits per weight: it stands among the formats.</source>
            <translation>%1，每个权重 %2 比特：已列入上面的格式。</translation>
        </message>
    </context>
    <context>
        <name>BudgetRow</name>
        <message>
            <source>Or a target</source>
            <translation>或指定目标</translation>
        </message>
        <message>
            <source>What the target limits</source>
            <translation>目标所限制的</translation>
        </message>
        <message>
            <source>Bits per weight</source>
            <translation>每个权重的比特数</translation>
        </message>
        <message>
            <source>Size of the file</source>
            <translation>文件大小</translation>
        </message>
        <message>
            <source>Memory with this context</source>
            <translation>含此上下文的内存</translation>
        </message>
        <message>
            <source>Target</source>
            <translation>目标</translation>
        </message>
        <message>
            <source>Stop</source>
            <translation>停止</translation>
        </message>
        <message>
            <source>Plan</source>
            <translation>规划</translation>
        </message>
    </context>
    <context>
        <name>QuantizationRow</name>
        <message>
            <source>Load</source>
            <translation>加载</translation>
        </message>
        <message>
            <source>Compare with the source</source>
            <translation>与来源比较</translation>
        </message>
        <message>
            <source>Delete the source…</source>
            <translation>删除来源…</translation>
        </message>
    </context>
    <context>
        <name>QuantizationRows</name>
        <message>
            <source>Quantizations</source>
            <translation>量化</translation>
        </message>
    </context>
    <context>
        <name>InspectorColumns</name>
        <message>
            <source>Message</source>
            <translation>消息</translation>
        </message>
        <message>
            <source>came from</source>
            <translation>来源</translation>
        </message>
        <message>
            <source>exact text</source>
            <translation>原文</translation>
        </message>
        <message>
            <source>tokens</source>
            <translation>token</translation>
        </message>
    </context>
    <context>
        <name>InspectorPanel</name>
        <message>
            <source>Close the context inspector</source>
            <translation>关闭上下文查看器</translation>
        </message>
        <message>
            <source>Context</source>
            <translation>上下文</translation>
        </message>
        <message>
            <source>Copied</source>
            <translation>已复制</translation>
        </message>
        <message>
            <source>Copy prompt</source>
            <translation>复制提示词</translation>
        </message>
        <message>
            <source>Messages of the prompt</source>
            <translation>提示词中的消息</translation>
        </message>
        <message>
            <source>No answer yet</source>
            <translation>还没有回答</translation>
        </message>
        <message>
            <source>No model is loaded</source>
            <translation>未加载模型</translation>
        </message>
        <message>
            <source>Putting the prompt together</source>
            <translation>正在生成提示词</translation>
        </message>
        <message>
            <source>The prompt cannot be shown</source>
            <translation>无法显示提示词</translation>
        </message>
        <message>
            <source>What a model gets depends on its template and its tokens. Load one to see the prompt.</source>
            <translation>模型得到的内容取决于它的模板和 token。加载一个模型即可查看提示词。</translation>
        </message>
        <message>
            <source>When there is an answer, its prompt stands here: every message, token by token, and which of them had to be read.</source>
            <translation>有了回答之后，这里会显示它的提示词：每条消息、每个 token，以及其中哪些需要读取。</translation>
        </message>
    </context>
    <context>
        <name>InspectorRow</name>
        <message>
            <source>%1  Answer</source>
            <translation>%1  回答</translation>
        </message>
        <message>
            <source>%1  Thinking</source>
            <translation>%1  思考</translation>
        </message>
        <message>
            <source>%1  Tool</source>
            <translation>%1  工具</translation>
        </message>
        <message>
            <source>%1  You</source>
            <translation>%1  你</translation>
        </message>
        <message>
            <source>%1, %2 tokens, %3</source>
            <translation>%1，%2 个 token，%3</translation>
        </message>
        <message>
            <source>System prompt</source>
            <translation>系统提示词</translation>
        </message>
        <message>
            <source>disk, then read</source>
            <translation>磁盘，然后读取</translation>
        </message>
        <message>
            <source>from disk</source>
            <translation>来自磁盘</translation>
        </message>
        <message>
            <source>from memory</source>
            <translation>来自内存</translation>
        </message>
        <message>
            <source>memory, then disk</source>
            <translation>内存，然后磁盘</translation>
        </message>
        <message>
            <source>memory, then read</source>
            <translation>内存，然后读取</translation>
        </message>
        <message>
            <source>not sent</source>
            <translation>不再发送</translation>
        </message>
        <message>
            <source>read now</source>
            <translation>本次读取</translation>
        </message>
        <message>
            <source>1 to %1, dropped</source>
            <translation>1 至 %1，不再发送</translation>
        </message>
    </context>
    <context>
        <name>InspectorSummary</name>
        <message>
            <source>%1: %2 tokens</source>
            <translation>%1：%2 个 token</translation>
        </message>
        <message>
            <source>Not sent</source>
            <translation>不再发送</translation>
        </message>
        <message>
            <source>Prompt</source>
            <translation>提示词</translation>
        </message>
        <message>
            <source>Prompt of the last answer</source>
            <translation>最后一个回答的提示词</translation>
        </message>
        <message>
            <source>Prompt of this answer</source>
            <translation>此回答的提示词</translation>
        </message>
        <message>
            <source>Read now</source>
            <translation>本次读取</translation>
        </message>
        <message>
            <source>Restored from disk</source>
            <translation>从磁盘恢复</translation>
        </message>
        <message>
            <source>Reused from memory</source>
            <translation>从内存复用</translation>
        </message>
        <message>
            <source>The chat, its settings or the model have changed since: the prompt of this answer had %1 tokens. It is shown as it would be now.</source>
            <translation>此后对话、设置或模型有变化：此回答的提示词当时有 %1 个 token。这里显示的是现在的样子。</translation>
        </message>
        <message>
            <source>The prompt has %1 of %2 tokens.</source>
            <translation>提示词有 %1 个 token，上下文共 %2 个。</translation>
        </message>
        <message>
            <source>of %1</source>
            <translation>共 %1</translation>
        </message>
    </context>
    <context>
        <name>InspectorTokens</name>
        <message>
            <source>%1 tokens more</source>
            <translation>还有 %1 个 token</translation>
        </message>
        <message>
            <source>As the model gets it</source>
            <translation>模型得到的原文</translation>
        </message>
        <message>
            <source>The template of this model leaves it out</source>
            <translation>此模型的模板不包含这条消息</translation>
        </message>
        <message>
            <source>Token %1</source>
            <translation>Token %1</translation>
        </message>
        <message>
            <source>Tokens of this message</source>
            <translation>此消息的 token</translation>
        </message>
        <message>
            <source>tokens %1 to %2</source>
            <translation>第 %1 到 %2 个 token</translation>
        </message>
    </context>
    <context>
        <name>ContextPopup</name>
        <message>
            <source>%1 of %2 tokens of context used.</source>
            <translation>上下文已用 %1 / %2 个 token。</translation>
        </message>
        <message>
            <source>%1 so far</source>
            <translation>目前 %1</translation>
        </message>
        <message>
            <source>Ask</source>
            <translation>询问</translation>
        </message>
        <message>
            <source>Context of this chat</source>
            <translation>此对话的上下文</translation>
        </message>
        <message>
            <source>Drop the oldest turns</source>
            <translation>移出最早的轮次</translation>
        </message>
        <message>
            <source>Grow</source>
            <translation>扩大</translation>
        </message>
        <message>
            <source>Messages</source>
            <translation>消息</translation>
        </message>
        <message>
            <source>Open the context inspector</source>
            <translation>打开上下文检查器</translation>
        </message>
        <message>
            <source>Slide, with sinks</source>
            <translation>滑动（保留开头）</translation>
        </message>
        <message>
            <source>System prompt</source>
            <translation>系统提示词</translation>
        </message>
        <message>
            <source>When it is full, in this chat</source>
            <translation>上下文满时，此对话</translation>
        </message>
        <message>
            <source>messages %1</source>
            <translation>消息 %1</translation>
        </message>
        <message>
            <source>of %1</source>
            <translation>/ %1</translation>
        </message>
        <message>
            <source>system prompt %1</source>
            <translation>系统提示词 %1</translation>
        </message>
        <message>
            <source>up to %1</source>
            <translation>最多 %1</translation>
        </message>
    </context>
    <context>
        <name>DropMark</name>
        <message>
            <source>Take them back</source>
            <translation>重新发送</translation>
        </message>
    </context>
    <context>
        <name>OverflowChoice</name>
        <message>
            <source>KV cache</source>
            <translation>KV 缓存</translation>
        </message>
        <message>
            <source>Kept</source>
            <translation>保留</translation>
        </message>
        <message>
            <source>Not sent</source>
            <translation>不发送</translation>
        </message>
        <message>
            <source>Other apps</source>
            <translation>其他应用</translation>
        </message>
        <message>
            <source>Scratch</source>
            <translation>工作区</translation>
        </message>
        <message>
            <source>Sent</source>
            <translation>发送</translation>
        </message>
        <message>
            <source>Weights</source>
            <translation>权重</translation>
        </message>
    </context>
    <context>
        <name>OverflowPanel</name>
        <message>
            <source>Asked once for this chat. Change it at the context meter.</source>
            <translation>此对话只问一次。可在上下文用量处更改。</translation>
        </message>
        <message>
            <source>Not now</source>
            <translation>暂不</translation>
        </message>
        <message>
            <source>The model is loaded with a longer context. Your message is sent then.</source>
            <translation>正在以更长的上下文加载模型，随后发送你的消息。</translation>
        </message>
        <message>
            <source>This chat outgrows its context</source>
            <translation>此对话超出了上下文</translation>
        </message>
    </context>
    <context>
        <name>sotto::app::OverflowController</name>
        <message>
            <source>It did not grow: the load was stopped.</source>
            <translation>未扩大：加载已停止。</translation>
        </message>
        <message>
            <source>Everything stays. KV cache %1 to %2; the model is loaded again, which ends what it is writing.</source>
            <translation>内容全部保留。KV 缓存 %1 变为 %2；模型会重新加载，正在写的回答会中止。</translation>
        </message>
        <message>
            <source>%1 tok/s</source>
            <translation>%1 tok/s</translation>
        </message>
        <message>
            <source>%1 when full</source>
            <translation>满时 %1</translation>
        </message>
        <message>
            <source>Drop and continue</source>
            <translation>移出并继续</translation>
        </message>
        <message>
            <source>Drop and send</source>
            <translation>移出并发送</translation>
        </message>
        <message>
            <source>Drop and write</source>
            <translation>移出并重写</translation>
        </message>
        <message>
            <source>Drop the oldest turns, keep the system prompt</source>
            <translation>移出最早的轮次，保留系统提示词</translation>
        </message>
        <message>
            <source>Everything stays. KV cache %1 to %2; the model is loaded again.</source>
            <translation>全部保留。KV 缓存从 %1 增至 %2；模型会重新加载。</translation>
        </message>
        <message>
            <source>Grow</source>
            <translation>扩大</translation>
        </message>
        <message>
            <source>Grow and continue</source>
            <translation>扩大并继续</translation>
        </message>
        <message>
            <source>Grow and send</source>
            <translation>扩大并发送</translation>
        </message>
        <message>
            <source>Grow and write</source>
            <translation>扩大并重写</translation>
        </message>
        <message>
            <source>Grow to %1 tokens</source>
            <translation>扩大到 %1 个 token</translation>
        </message>
        <message>
            <source>It needs %1 tokens, and the context of the model has %2.</source>
            <translation>需要 %1 个 token，而模型的上下文只有 %2 个。</translation>
        </message>
        <message>
            <source>Messages 1 to %1, %2 tokens, are not sent any more. They stay here to read.</source>
            <translation>第 1 至 %1 条消息（%2 个 token）不再发送，仍可在此阅读。</translation>
        </message>
        <message>
            <source>RAM %1 of %2</source>
            <translation>内存 %1 / %2</translation>
        </message>
        <message>
            <source>Slide and continue</source>
            <translation>滑动并继续</translation>
        </message>
        <message>
            <source>Slide and send</source>
            <translation>滑动并发送</translation>
        </message>
        <message>
            <source>Slide and write</source>
            <translation>滑动并重写</translation>
        </message>
        <message>
            <source>Slide, with sinks</source>
            <translation>滑动（保留开头）</translation>
        </message>
        <message>
            <source>The first %1 tokens stay, the rest slides. The model forgets the middle.</source>
            <translation>保留开头 %1 个 token，其余随之滑动。模型会忘记中间部分。</translation>
        </message>
        <message>
            <source>The last question alone does not fit. Shorten it, or use a longer context.</source>
            <translation>仅最后一个问题就放不下。请缩短它，或使用更长的上下文。</translation>
        </message>
        <message>
            <source>The model was made for a context of %1 tokens and no more.</source>
            <translation>模型的上下文最多为 %1 个 token。</translation>
        </message>
        <message>
            <source>There is no earlier turn that could be dropped.</source>
            <translation>没有更早的轮次可移出。</translation>
        </message>
        <message>
            <source>VRAM %1 of %2</source>
            <translation>显存 %1 / %2</translation>
        </message>
        <message>
            <source>With its last answer it holds %1 of %2 tokens. %3 are left.</source>
            <translation>加上最后的回答，共 %1 / %2 个 token，剩余 %3 个。</translation>
        </message>
        <message>
            <source>With your message it holds %1 of %2 tokens. %3 are left.</source>
            <translation>加上你的消息，共 %1 / %2 个 token，剩余 %3 个。</translation>
        </message>
        <message>
            <source>With your message it holds %1 of %2 tokens. %3 are left; answers here took up to %4.</source>
            <translation>加上你的消息，共 %1 / %2 个 token，剩余 %3 个；此处的回答最多用了 %4 个。</translation>
        </message>
        <message>
            <source>first %1, then the newest</source>
            <translation>前 %1 个，然后是最新的</translation>
        </message>
        <message>
            <source>sends %1 tokens</source>
            <translation>发送 %1 个 token</translation>
        </message>
        <message>
            <source>to read the rest again</source>
            <translation>重新读取其余部分</translation>
        </message>
        <message>
            <source>≈ %1</source>
            <translation>≈ %1</translation>
        </message>
    </context>
</TS>
