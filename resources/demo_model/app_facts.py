"""What the demo model knows about Sotto: questions as grammar templates, answers as fixed sentences.

Facts are those of the app's README, its list of shortcuts (F1) and its design; nothing is claimed for
pages that a version may not have. Few answers per question, so that a small model gets them right.
"""

from __future__ import annotations

# Intent: (questions in the grammar of grammar.py, answers).
Intents = dict[str, tuple[list[str], list[str]]]

ABOUT: Intents = {
    "sotto": (
        ["(can you|could you|please|) (explain|explain to me|tell me|say|describe) what (sotto|this app|this program|the app) (is|does|can do|is for|is good for)",
         "what (exactly|really|) (does|can|is) (this|the) (sotto|) (program|app|application|software) (do|for|good for|)",
         "(what is|what's|whats|explain|describe|tell me about|tell me something about|what do you know about) (sotto|this program|this app|this software|this application|the sotto app)",
         "what (can|does) (sotto|this program|this app|this software) (do|offer|do for me)",
         "what (can|could) i (do|use) (with sotto|with this app|with this program|sotto for|this app for|here)",
         "what (is|are) (sotto|this app|this program) (for|good for|used for|made for|about)",
         "(how does sotto work|why should i use sotto|what is the purpose of (sotto|this app)|what is sotto used for)",
         "(explain|introduce) (sotto|this app|this program) (to me|briefly|in one sentence|)",
         "what kind of (app|program|software) is (this|sotto)", "give me (a short|an) overview of (sotto|this app)"],
        ["Sotto is a program for private chat with language models. Everything runs on your own computer, without the internet.",
         "Sotto is an app for private, offline chat with language models on your own computer."],
    ),
    "features": (
        ["(what are|list|name|show me|tell me) (the|some) (features|functions|abilities) of (sotto|this app|this program)",
         "what features (does sotto have|are there|does this app have|do i get)", "what else can (sotto|this app|this program) do",
         "which (functions|features) does (sotto|this program) have"],
        ["In Sotto you can chat with local models, search and sort your chats, keep every version of an answer, and watch the speed live."],
    ),
    "free": (
        ["(is sotto|is this app|is this program|is it) (free|open source|free of charge|open-source|a free program)", "does (this|sotto|it|the app) cost (money|something|much|a lot)", "(how much does|what does) (sotto|this app|this) cost",
         "do i (have|need) to pay (for sotto|for this|anything|)", "(what|which) licen(c|s)e does (sotto|this app) (have|use)",
         "(do i need|is there) (an account|a subscription|a login|a sign up)", "(do i have to|must i|should i) (sign up|log in|register|make an account|open an account|pay|have an account)"],
        ["Sotto is free and open source, under the Apache 2.0 licence. You need no account."],
    ),
    "languages": (
        ["(which|what) languages does (sotto|the app|the window|this program) (have|support|speak)",
         "(can i|how do i|how can i) (change|switch|set) the (language|language of the app|app language)", "(can|could) (i|you|one) (switch|change|set) (the app|sotto|the window|it) to (chinese|english|another language)",
         "is (sotto|the app) (available in chinese|in chinese|only in english)", "(does sotto have|is there) a chinese (version|interface)"],
        ["The window of Sotto speaks English and Chinese. You can change the language in the settings with Ctrl+comma."],
    ),
    "platform": (
        ["(does sotto|does this app|will sotto) (run|work) on (windows|linux|a mac|my computer|my phone)", "(which|what) (systems|platforms|operating systems) does sotto (support|run on)",
         "is sotto available for (windows|linux|mac)", "what (computer|hardware|machine) do i need (for sotto|)"],
        ["Sotto is made for desktop computers. It is tested on Linux."],
    ),
    "engine": (
        ["(does sotto|does it|do you|can sotto) (use|need|run on|work with) (a gpu|the gpu|a graphics card|my graphics card|the cpu|the processor|my cpu)",
         "(do i need|is there a need for) a (gpu|graphics card|fast computer|big computer)", "(can i use|does it work|will it run) (sotto|) without a (gpu|graphics card)"],
        ["Sotto can run on the processor alone, so you do not need a graphics card. A fast one makes large models faster."],
    ),
}

PRIVACY: Intents = {
    "private": (
        ["(is this|is sotto|is it|is this chat|is our chat|is this conversation) (private|really private|safe|secure|confidential)",
         "(are my|are our) (chats|messages|conversations|questions|words) (private|safe|secret|kept private)",
         "(how private|how safe|how secure) is (this|sotto|my data|it)", "is my data (safe|private|secure|protected)",
         "(do you|does sotto|does this app|will you) (send|share|upload|sell|leak|give away) my (data|messages|chats|questions|words|conversations) (anywhere|to anyone|to a server|)",
         "(can|does) (anyone|anybody|someone|somebody) (else|) (see|read) (my messages|this|my chats|what i write|what i type)",
         "who (can|could) (read|see) (this|my messages|my chats|what i write)", "(do you|does sotto) (spy on|watch|track|follow|listen to) me",
         "are my (messages|chats) sent (to a server|anywhere|to the internet|to the cloud)", "can i (trust you|tell you a secret|tell you secrets)",
         "what (happens|do you do) (to|with) my (data|messages|chats)", "(does sotto|does this app|do you) (collect|gather) (data|any data|information about me)",
         "(how does|does) sotto (protect|respect) my privacy", "tell me about (privacy|the privacy of sotto|data protection)"],
        ["Everything stays on this computer. Nothing that you write is sent to the internet.",
         "Your words stay private: I run on your own computer, and nothing is sent to the internet."],
    ),
    "offline": (
        ["(do you|does sotto|does this|do i|does this app) need (the|an) (internet|internet connection|network|wifi|online connection)",
         "(does this|does sotto|do you|can you|will it|can this) (work|run|function) (offline|without internet|without the internet|without a network|with no internet)",
         "are you (online|offline|connected to the internet|on the internet|in the cloud)", "can i use (you|sotto|this|it) (without internet|offline|on a plane|on an airplane|without wifi|with no connection)",
         "is (sotto|this) (an offline|an online) (app|program)", "can you (go online|search the internet|search the web|open a web page|browse the web|look something up online|google something)"],
        ["I work offline. Sotto does not open any network connection, so no internet is needed.",
         "No internet is needed. Sotto works offline, and I cannot go online."],
    ),
    "storage": (
        ["where (are|is|do you keep|does sotto keep|does sotto store|do you store|does sotto save) (my|the) (chats|messages|data|conversations|history|chat history|texts) (stored|saved|kept|)",
         "(is|are) (my|the|our) (chats|conversations|messages|history) (saved|stored|kept) (anywhere|on my computer|)", "(do you|does sotto) (save|store|keep|remember) (my chats|my conversations|our chats|the chats|conversations)",
         "(how|where) (does sotto|do you) (save|store) (things|data|conversations)", "will my chats (be lost|be saved|be there tomorrow|still be there tomorrow)"],
        ["Your chats are saved in one database file on your own computer.", "Sotto keeps your chats in one database file on this computer."],
    ),
    "temporary": (
        ["(how do i|how can i|can i|is it possible to) (chat|talk|write|have a chat|start a chat) (without saving|that is not saved|without leaving a trace|in secret|without history)",
         "(what is|explain|tell me about|how do i start|how do i open|how can i open|is there|can i have) (a|the) (temporary|secret|private|incognito) chat (mode|)",
         "(which|what) (key|shortcut|keys) (opens|starts|is for) a temporary chat", "(what does|what is) ctrl+shift+p (do|for|)"],
        ["Press Ctrl+Shift+P for a temporary chat. It is never saved to the disk."],
    ),
    "delete": (
        ["(how do i|how can i|can i|where do i) (delete|remove|erase|throw away|get rid of) (a chat|my chats|a conversation|my history|my data|an old chat)"],
        ["Open the menu of the chat in the list on the left and choose: Move to the bin."],
    ),
}

MODELS: Intents = {
    "load": (
        ["(how do i|how can i|how to|can i|where can i|where do i) (load|open|choose|select|use|add|pick|install|switch to|change to|change|switch) (a|another|a different|a new|a bigger|a larger|my own|a better|the) model",
         "(which|what) (key|shortcut|keys) (loads|opens|is for loading|changes|chooses) (a|the|another) model", "(what does|what is) ctrl+l (do|for|)",
         "how (do i|can i) (load|open|use) (a gguf file|a gguf|gguf files|a model file)", "(i want to|let me|i would like to) (use|load|try) (another|a different|my own|a bigger) model"],
        ["Press Ctrl+L and choose a GGUF file. Sotto then loads that model.",
         "Press Ctrl+L, then choose a GGUF file from your disk."],
    ),
    "larger": (
        ["(how do i|how can i|where can i|where do i) (get|find|download|have) (a|another|a larger|a bigger|a better|a smarter|a good|more) (model|models)",
         "(where do|from where do) (models|gguf files) come from", "(is there|are there|do you have|can i get) (a|any|) (bigger|larger|better|smarter|other) (model|models|one)",
         "(which|what) model (should i|can i) (download|use|take|try)", "i (want|need|would like) a (better|bigger|larger|smarter|real) model",
         "(can i|how do i) (download|get) (models|a model) (in|inside|with|for) sotto"],
        ["Download a larger model as a GGUF file, for example with your web browser, and load it with Ctrl+L. It will answer much better than I can.",
         "Download a larger GGUF file and load it with Ctrl+L. It will answer much better than I can."],
    ),
    "formats": (
        ["(which|what) (models|model|files|formats|file formats|model formats|model types|kind of models|kinds of models|architectures) (does sotto support|can sotto load|can i load|can i use|work|are supported|does sotto read|run in sotto|can sotto run)",
         "(does sotto|can sotto|can i) (support|load|use|run|read) (llama|qwen|qwen models|llama models|gguf)", "what (model|file) format (do i need|does it use|is used)"],
        ["Sotto loads GGUF files of the llama, qwen2 and qwen3 families."],
    ),
    "gguf": (
        ["(what is|what's|whats|explain|what does) (a|) gguf (file|mean|stand for|format|)", "(tell me about|what do you know about) gguf (files|)"],
        ["GGUF is a file format for language models. One file holds the weights, the tokenizer and the chat template."],
    ),
    "quantize": (
        ["(what is|what's|explain|what does|tell me about) (quantization|quantizing|quantize|a quantized model|model quantization) (mean|)",
         "(why|when) (should i|would i|do people|do i) (quantize|quantise) (a model|models|)", "what does (it mean to|) (quantize|quantise) (a model|mean|do)",
         "what (is|does) (q8_0|q4_k|q4_k_m|a 4 bit model|8 bit) (mean|)", "how do (i|you) (make|get) a model (smaller|faster)"],
        ["Quantizing stores the numbers of a model with fewer bits. The file gets smaller and faster, and the answers a little worse."],
    ),
    "quantize_how": (
        ["(can|does) sotto (quantize|quantise|compress|shrink|convert) (a model|models|files|)", "(how do i|how can i|where can i|where do i) (quantize|quantise|compress|shrink|convert) (a model|models|my model)"],
        ["Quantizing makes a model file smaller by using fewer bits. If your version of Sotto can do it, you find it under Models."],
    ),
    "compare": (
        ["(can i|how do i|how can i|does sotto|can sotto|where can i|is it possible to) (compare|put side by side|test) (two|several|different|) (models|model answers|answers)",
         "(what is|what does|explain) (compare|the compare page|comparing models) (do|mean|for|)", "(how can i|how do i) (find out|see|know) which model is (better|best)"],
        ["Comparing gives the same question to two models and shows where their answers differ. If your version of Sotto has it, you find it under Compare."],
    ),
    "performance": (
        ["(what is|what does|explain|tell me about|what can i see in|what do i see in) the (performance panel|live panel|speed panel|panel on the right|numbers on the right) (show|do|tell me|)",
         "(where|how) (can i|do i) (see|find|watch|check|measure) (the speed|how fast it is|the tokens per second|how fast the model is|the memory use|the performance)",
         "how fast (is sotto|are you|is this|is the model|is it)", "(what does|what is) ctrl+j (do|for|)", "(which|what) (key|shortcut) (opens|shows) the (live|performance) panel",
         "how many tokens per second (do you|does it|can you) (make|write|do)"],
        ["The live panel shows tokens per second, latency, memory and bandwidth while a model writes. Open it with Ctrl+J."],
    ),
    "bandwidth": (
        ["(why is|what is|what does) (the|) (memory bandwidth|bandwidth) (important|mean|)", "what (limits|determines|decides) the (speed|speed of a model|writing speed)", "why (is a|are) (larger|bigger|large) models? (slower|slow|so slow)"],
        ["For every token the whole model is read from memory. So the memory bandwidth limits how fast a model can write."],
    ),
    "token": (
        ["(what is|what are|explain|what's) (a token|tokens|the tokens)", "what does (token|tokens per second|tok/s) mean"],
        ["A token is a small piece of text, often a word or a part of a word. Models read and write one token after the other."],
    ),
    "context": (
        ["(what is|explain|what does) (the|) (context|context size|context length|context window) (mean|)", "how (much|long|many words) can (you|the model) (remember|read|keep in mind)",
         "(how long|how big|what) is your (context|memory|context size)"],
        ["The context is the text that a model can see at once. Mine is 1024 tokens long."],
    ),
    "draft": (
        ["(what is|what's|explain|tell me about) (a|the|) (draft model|speculative decoding|draft partner|drafts)", "how (does|do) (speculative decoding|a draft model|drafts) (work|help)"],
        ["A small draft model guesses the next tokens, and the large model checks them all at once. This makes writing faster."],
    ),
    "temperature": (
        ["(what is|what does|explain) (the|) (temperature|sampling temperature|temperature setting) (mean|do|)", "how (do|can) i make (the|your) answers (more creative|less random|more random)"],
        ["The temperature says how freely a model chooses its words. A low temperature gives steady answers, a high one gives surprises."],
    ),
    "llm": (
        ["(what is|what's|explain|what does) (an llm|a language model|llm|an ai model|a large language model) (mean|exactly|)", "(what is|what's|explain|what are|how do|how does) (a|an|) (language model|language models|llm|large language model|ai model|chatbot) (work|do|)"],
        ["A language model is a program that has learned to write the next word of a text."],
    ),
    "cli": (
        ["(is there|does sotto have) a (command line|terminal|console|command line tool|command line version)", "(can i|how do i|how can i) use sotto (in|from) (the terminal|the command line|a script|the console)", "what is sotto-cli"],
        ["Yes, there is the program sotto-cli. With sotto-cli chat you can talk to a model in the terminal."],
    ),
}
