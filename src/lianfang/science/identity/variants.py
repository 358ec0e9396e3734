"""Other ways to write the characters of names: traditional or rare for common, a surname in two forms."""

from typing import Final

# Traditional or variant form → the form that registers use. Characters that names are written with, no more.
_PAIRS: Final = (
    "國国 華华 偉伟 強强 劉刘 張张 陳陈 楊杨 趙赵 黃黄 吳吴 孫孙 馬马 羅罗 鄭郑 謝谢 許许 馮冯 蕭萧 肖萧 閻阎 闫阎 "
    "葉叶 蘇苏 呂吕 盧卢 蔣蒋 賈贾 鄒邹 鍾钟 鐘钟 譚谭 陸陆 賀贺 龔龚 錢钱 龍龙 萬万 賴赖 顧顾 嚴严 湯汤 寧宁 甯宁 "
    "關关 蘭兰 聖圣 鳳凤 麗丽 傑杰 濤涛 鵬鹏 飛飞 軍军 東东 書书 學学 慶庆 興兴 業业 榮荣 貴贵 祿禄 寶宝 寳宝 財财 "
    "運运 義义 禮礼 愛爱 雲云 雙双 陽阳 陰阴 藝艺 蓮莲 葦苇 蔭荫 蘊蕴 衛卫 覺觉 親亲 觀观 訓训 詠咏 詩诗 誠诚 諾诺 "
    "謙谦 證证 譽誉 讓让 豐丰 貝贝 賢贤 質质 躍跃 輝辉 煇辉 達达 遠远 選选 鄉乡 釗钊 鈞钧 銀银 銘铭 銳锐 鋒锋 鋼钢 "
    "錦锦 鎮镇 長长 開开 閏闰 閔闵 閣阁 際际 陞升 昇升 隨随 雋隽 靈灵 靜静 韋韦 韓韩 韻韵 順顺 預预 領领 頻频 顏颜 "
    "願愿 風风 駿骏 驊骅 驍骁 鴻鸿 鵑鹃 鶯莺 鶴鹤 麥麦 齊齐 齡龄 萊莱 倫伦 側侧 傳传 僑侨 儀仪 儉俭 優优 億亿 勝胜 "
    "勳勋 勛勋 勵励 協协 單单 嘯啸 園园 圓圆 堅坚 報报 壽寿 夢梦 奮奋 婭娅 媽妈 嫻娴 嬌娇 嬋婵 孌娈 實实 寬宽 將将 "
    "層层 嶺岭 峯峰 巖岩 嵒岩 師师 帶带 幗帼 幟帜 幣币 廣广 廬庐 彥彦 徑径 從从 恆恒 悅悦 憲宪 應应 懷怀 戀恋 戰战 "
    "揚扬 換换 揮挥 擁拥 據据 晉晋 暢畅 曉晓 曄晔 會会 朧胧 條条 棟栋 楓枫 樂乐 標标 樹树 橋桥 檳槟 權权 歐欧 歡欢 "
    "歲岁 歷历 決决 沖冲 況况 淨净 淵渊 渦涡 溫温 滄沧 滿满 漢汉 潔洁 潤润 潛潜 澤泽 濟济 瀅滢 瀟潇 瀾澜 灝灏 煉炼 "
    "煒炜 煥焕 熒荧 燁烨 燦灿 爾尔 牽牵 獻献 瑋玮 瑪玛 瑤瑶 環环 瓊琼 產产 畢毕 畫画 當当 發发 監监 盤盘 碩硕 確确 "
    "禎祯 積积 穎颖 頴颖 竇窦 競竞 筆笔 節节 範范 築筑 簡简 純纯 紅红 紋纹 納纳 級级 紹绍 結结 繡绣 經经 綠绿 "
    "維维 綱纲 綵彩 綺绮 緒绪 線线 緯纬 縉缙 績绩 織织 繼继 纓缨 羣群 翹翘 聞闻 聰聪 聯联 肅肃 膽胆 臨临 艷艳 豔艳 "
    "艶艳 莊庄 荊荆 蔥葱 傅付 戴代 邱丘 喆哲 堃坤 槑梅 犇奔 喬乔 屆届 鞏巩 閆阎 鬱郁 嶽岳 遊游 兪俞 瀋沈"
)
_FOLD: Final = {ord(pair[0]): pair[1] for pair in _PAIRS.split()}


def fold_variants(name: str) -> str:
    """One form for every way to write the name: 張國強 → 张国强, 肖 → 萧. For comparison, never for showing."""
    return name.translate(_FOLD)


def variants_of(name: str) -> list[str]:
    """The name with one character in another of its forms."""
    return [
        name[:place] + chr(other) + name[place + 1 :]
        for place, character in enumerate(name)
        for other, folded in _FOLD.items()
        if folded == character
    ]
