"""Khảo Sát Số: how surveys are collected and their indicators published (the Flask service)."""
