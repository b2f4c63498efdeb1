"""What every address of the API shares: how it asks who is there, reads, refuses, lists and answers.

An app's own `api` has its serializers and viewsets over the same services as its pages.
"""
